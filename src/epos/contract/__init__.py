"""The EPOS Data API as Pydantic models, in the names of the specification.

Each published schema is one model of the same name, with the published property names as attributes.
Where requests may contain more than answers do, the model of the request has the suffix `Input`.
`operations` lists the operations. `codec` turns bytes into models and models into bytes.
"""
