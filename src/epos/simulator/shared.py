"""What all accounts of one simulated Dojo share."""

from dataclasses import dataclass

from epos.simulator.identifiers import Identifiers
from epos.simulator.journal import Journal
from epos.simulator.options import Options
from epos.simulator.published import PublishedDocuments


@dataclass(frozen=True, slots=True)
class Shared:
    """The journal, the ids, the patience, and the published documents where they are at hand."""

    options: Options
    journal: Journal
    identifiers: Identifiers
    published: PublishedDocuments | None
