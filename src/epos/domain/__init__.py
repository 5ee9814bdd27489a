"""Pure rules of the venue: standard library only, no I/O, no clock."""
