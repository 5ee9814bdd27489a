"""For test suites: a pytest plugin with a venue for each test; a client of the server like any other."""

from epos.testing.errors import CannotHappen, NotInJournal
from epos.testing.venue import Epos

__all__ = ["CannotHappen", "Epos", "NotInJournal"]
