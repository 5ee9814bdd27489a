"""The OpenAPI documents of the server, as the code has them."""

from typing import Any

from epos.rest import app as rest
from epos.till import app as till

Json = dict[str, Any]


def epos_data_api() -> Json:
    return rest.build_api().openapi()


def till_api() -> Json:
    return till.build_api().openapi()
