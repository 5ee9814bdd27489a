"""The reference EPOS server for the EPOS Data API."""
