"""The control API: its routers as one FastAPI application."""

from epos.control import fault_routes, journal_routes, venues
from epos.web.application import ContractApi
from epos.web.docs import docs_router

PREFIX = "/test/v1"
_DESCRIPTION = (
    "For integration tests: venues that are made in milliseconds, with faults, a clock and a journal of "
    "their own. It reaches no venue that was not made through it. Errors are those of the EPOS Data API."
)
_TAGS = {
    "Venues": "Make, copy, put back and remove venues; move their time.",
    "Faults": "What shall go wrong, and how often it has.",
    "Journal": "Every request of a venue and its answer.",
}
_MODULES = (venues, fault_routes, journal_routes)


def build_api(*, docs: bool = True) -> ContractApi:
    """The application. Its `state` gets `services` before it serves."""
    api = ContractApi(
        [*(module.router for module in _MODULES), journal_routes.scripts],
        title="Control API",
        version="1",
        description=_DESCRIPTION,
        tags=_TAGS,
        package="epos.control",
        prefix=PREFIX,
    )
    if docs:
        api.include_router(docs_router(api, PREFIX))
    return api
