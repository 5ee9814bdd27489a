"""A Dojo to test against: its API, its WebSocket endpoint, and people who use its products.

It imports the contract and nothing else of the server: a judge does not import the judged.
"""
