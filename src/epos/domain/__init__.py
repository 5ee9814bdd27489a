"""Rules of the venue: standard library only. A rule is told the time and what it decides on.

Two things ask the machine: `identifiers`, unless it is given a clock and randomness, and
`venue.is_time_zone`.
"""
