"""The till's API as Pydantic models. Where the EPOS Data API has a word for something, it is used here.

Amounts are whole minor units of the venue's currency, percentages hundredths of a percent, times UTC.
"""
