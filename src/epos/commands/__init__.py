"""The command line: one module for each group of commands; `app` puts them together.

A module imports at its top what describes its commands: typer and enumerations. What a command runs is
imported in its function. So `epos --help` starts without SQLAlchemy, FastAPI and the models, and each
command imports only what it needs. `tests/architecture/test_imports.py` holds this.
"""
