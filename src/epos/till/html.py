"""A page of HTML to be printed: no scripts, nothing that is loaded from elsewhere."""

from html import escape


def document(title: str, style: str, body: str) -> str:
    """`body` is HTML already; `title` is text."""
    name = escape(title)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8">'
        f"<title>{name}</title><style>{style}</style></head>\n"
        f"<body>\n{body}</body>\n</html>\n"
    )
