"""A Pydantic mirror of the EPOS Data API, in its names and nothing else.

One model per published schema, named as the schema, with its field names as attributes. Where what
we accept is more than what we answer, the request side has the suffix `Input`. `operations` is the
registry of operations, `codec` is how bytes become models and models become bytes.
"""
