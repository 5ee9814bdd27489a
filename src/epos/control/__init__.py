"""The control API: venues for tests, their clocks, faults and journals. There only with EPOS_TESTING."""
