"""`epos`, and `python -m epos`."""

import sys


def main() -> None:
    """Most of a start is imports, and Ctrl-C among them says no more than Ctrl-C."""
    try:
        from epos.cli import main as command_line  # noqa: PLC0415 - as the docstring says

        command_line()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
