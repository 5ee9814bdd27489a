"""`make bench`: compare the server with the limits of the machine that it runs on, in one table.

It starts everything that it measures, sends load to 127.0.0.1 alone, and stops it all again.
"""
