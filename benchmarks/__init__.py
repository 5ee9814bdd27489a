"""`make bench`: the server beside the ceilings of the machine it runs on, in one table.

It starts everything that it measures, sends load to 127.0.0.1 alone, and stops it all again.
"""
