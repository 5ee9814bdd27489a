"""Check whether an EPOS does what the EPOS Data API asks of it.

It knows the contract's models and the simulated Dojo, and nothing of the server: the judge shares
nothing with the judged.
"""
