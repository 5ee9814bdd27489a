"""The documentation pages, which work without the internet and under a strict content security policy.

Script and style come from the package `fastapi-swagger`; of that package only these files are used.
"""

from functools import cache
from html import escape
from importlib.resources import files
from json import dumps
from threading import Lock

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse, JSONResponse

from epos.web.application import ContractApi
from epos.web.replies import ProtocolError

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{prefix}/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="{prefix}/docs/swagger-ui-bundle.js"></script>
<script src="{prefix}/docs/start.js"></script>
</body>
</html>
"""
_START = """SwaggerUIBundle({{
  url: {url}, dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
}});
"""


def docs_router(api: ContractApi, prefix: str = "") -> APIRouter:
    """`<prefix>/docs` and `<prefix>/openapi.json` for one application."""
    router = APIRouter(prefix=prefix, include_in_schema=False)
    one_at_a_time = Lock()

    @cache
    def written() -> bytes:
        return bytes(JSONResponse(api.openapi()).body)

    @router.get("/openapi.json")
    def document() -> Response:
        """In a thread, as FastAPI runs what is not `async`: to make it takes most of a second."""
        with one_at_a_time:
            return Response(written(), media_type="application/json", headers=_HEADERS)

    @router.get("/docs")
    async def page() -> HTMLResponse:
        return HTMLResponse(_PAGE.format(title=escape(api.title), prefix=prefix), headers=_HEADERS)

    @router.get("/docs/start.js")
    async def start() -> Response:
        script = _START.format(url=dumps(f"{prefix}/openapi.json"))
        return Response(script, media_type="text/javascript", headers=_HEADERS)

    @router.get("/docs/{name}")
    def asset(name: str) -> Response:
        if name not in _ASSETS:
            raise ProtocolError(404, "There is nothing at this path")
        return Response(_asset(name), media_type=_ASSETS[name], headers=_HEADERS)

    return router


@cache
def _asset(name: str) -> bytes:
    return (files("fastapi_swagger") / "resources" / name).read_bytes()
