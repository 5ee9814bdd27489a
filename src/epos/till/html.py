"""A page of HTML to be printed: no scripts, nothing that is loaded from elsewhere."""

from html import escape

from fastapi.responses import HTMLResponse

# The style stands in the page; nothing else may be loaded or run.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def printed_page(page: str) -> HTMLResponse:
    """The answer with a whole page."""
    return HTMLResponse(page, headers={"content-security-policy": _POLICY})


def document(title: str, style: str, body: str) -> str:
    """`body` is HTML already; `title` is text."""
    name = escape(title)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8">'
        f"<title>{name}</title><style>{style}</style></head>\n"
        f"<body>\n{body}</body>\n</html>\n"
    )
