"""A Dojo to test against: its API, its WebSocket endpoint, and people who use its products.

It knows the contract and nothing of the server: a judge does not import the judged.
"""
