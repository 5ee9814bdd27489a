"""Where the published contract is; it is never a part of this repository."""

import os
from pathlib import Path

_BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "contract"
REST = "epos-data-rest.openapi.json"
WEBSOCKET = "epos-data-websocket.asyncapi.yml"


def contract_dir() -> Path | None:
    """EPOS_CONTRACT_DIR, else ../shared/contract; None where there is neither."""
    given = os.environ.get("EPOS_CONTRACT_DIR")
    folder = Path(given) if given else _BESIDE
    return folder if (folder / REST).is_file() else None
