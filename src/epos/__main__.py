"""`epos`, and `python -m epos`."""

import sys


def main() -> None:
    """Run the command line. Ctrl-C, also while modules are imported, ends it without a traceback."""
    try:
        from epos.commands.app import main as command_line  # noqa: PLC0415 - as the docstring says

        command_line()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
