"""The published specification, for tests marked `published`."""

from typing import Any

import pytest
import yaml

from tests.support.contract import WEBSOCKET, contract_dir
from tests.support.schemas import published_document

Json = dict[str, Any]


@pytest.fixture(scope="session")
def published() -> Json:
    """The REST document."""
    document = published_document()
    assert document is not None
    return document


@pytest.fixture(scope="session")
def published_websocket() -> Json:
    """The AsyncAPI document."""
    folder = contract_dir()
    assert folder is not None
    document: Json = yaml.safe_load((folder / WEBSOCKET).read_text(encoding="utf-8"))
    return document
