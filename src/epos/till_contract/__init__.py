"""The wire of the till's API: Pydantic models in the words of the EPOS Data API where it has them.

Amounts are whole minor units of the venue's one currency, percentages hundredths of a percent,
times UTC.
"""
