"""A model of a venue's days, written from docs/arithmetic.md and docs/till: what a bookkeeper with pencil,
paper and much patience would say. It imports nothing of the server.

`arithmetic` rounds and shares, `bill` adds up a tab, `moves` splits and merges it, `dojos` has the orders
of Dojo and their VAT. `edits`, `money`, `drawers` and `locks` say what may be done, `books` notes it day by
day, and `journal` books it. `requests`, `payments` and `days` choose what to ask for, `walk` asks the
server and the model and compares, `raw_rows` adds up the rows of the database.
"""
