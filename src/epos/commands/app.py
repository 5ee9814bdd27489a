"""`epos`: all commands together."""

import io
import sys

import typer

from epos.commands import (
    bill,
    check,
    credential,
    demo,
    dojo,
    migrate,
    openapi,
    serve,
    simulate,
    venue,
)

app = typer.Typer(
    help="The reference EPOS server for the EPOS Data API. Settings are EPOS_* variables or flags.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(serve.serve)
app.command()(migrate.migrate)
app.command()(demo.seed)
app.command()(openapi.openapi)
app.command()(bill.bill)
app.command()(check.check)
app.add_typer(venue.app, name="venue")
app.add_typer(credential.app, name="credential")
app.add_typer(demo.app, name="demo")
app.add_typer(dojo.app, name="dojo")
app.add_typer(simulate.app, name="simulate")


def main() -> None:
    """Run the command line. Characters that the terminal cannot show are replaced."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()
