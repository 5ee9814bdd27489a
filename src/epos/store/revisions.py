"""Where the migrations are, and which revision is the newest. Needs no Alembic: every process may ask."""

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_SOURCE_TREE = _PACKAGE.parents[1]


@cache
def migrations_folder() -> Path:
    """In an installed wheel inside the package; in the source tree at the top, beside `alembic.ini`."""
    installed = _PACKAGE / "migrations"
    return installed if installed.is_dir() else _SOURCE_TREE / "migrations"


@cache
def newest_revision() -> str:
    """The number in the last file name: `20261123_0001_the_first_schema.py` has revision 0001."""
    return max(path.name.split("_")[1] for path in migrations_folder().glob("versions/*.py"))
