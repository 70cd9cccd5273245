"""The passwords of one stack, made once at random."""

import json
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from deploy.local.state import write_private

# Users of a one-machine stack's own broker and database: their URLs can be told from all others.
OWN_USER_PREFIX = "local-"


def _secret() -> str:
    return field(default_factory=lambda: secrets.token_hex(16), repr=False)


@dataclass(frozen=True, slots=True)
class Credentials:
    front: str = _secret()
    worker: str = _secret()
    vlm_worker: str = _secret()
    export_worker: str = _secret()
    chat_worker: str = _secret()
    operator: str = _secret()
    monitor: str = _secret()
    store: str = _secret()
    erlang_cookie: str = _secret()

    @classmethod
    def kept_in(cls, file: Path) -> "Credentials":
        """Those in ``file``, and new ones for what it lacks."""
        known = json.loads(file.read_text()) if file.exists() else {}
        credentials = cls(**{one.name: known[one.name] for one in fields(cls) if one.name in known})
        if asdict(credentials) != known:
            write_private(file, json.dumps(asdict(credentials), indent=1) + "\n")
        return credentials
