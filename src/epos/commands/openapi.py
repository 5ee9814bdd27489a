"""`epos openapi`."""

import json
import sys
from typing import Annotated

import typer


def openapi(
    till: Annotated[bool, typer.Option("--till", help="Print the till's API instead.")] = False,
    control: Annotated[
        bool, typer.Option("--control", help="Print the control API for tests instead.")
    ] = False,
) -> None:
    """Print the OpenAPI document of the API that is served."""
    if till:
        from epos.till.app import build_api
    elif control:
        from epos.control.app import build_api
    else:
        from epos.rest.app import build_api

    json.dump(build_api().openapi(), sys.stdout, indent=2)
    print()
