"""`python -m epos`."""

from epos.cli import main

main()
