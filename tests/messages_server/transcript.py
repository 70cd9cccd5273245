"""What the server was asked and what came of it, for tests to look at."""

import base64
import hashlib
import io
import threading
from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Any

from PIL import Image

from tests.messages_server.request import Request

_KEPT = 500


@dataclass(frozen=True, slots=True)
class Abandoned:
    """``events``: of the whole answer, as far as it was known; of those, some were sent."""

    events_sent: int
    events: int


class Transcript:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        self.requests: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self.outcomes: Counter[str] = Counter()
        self.abandoned: list[Abandoned] = []
        self.total = self.active = self.most_active = 0

    def began(self) -> None:
        with self._lock:
            self.total += 1
            self.active += 1
            self.most_active = max(self.most_active, self.active)

    def ended(self, outcome: str) -> None:
        with self._lock:
            self.active -= 1
            self.outcomes[outcome] += 1

    def left(self, events_sent: int, events: int) -> None:
        """The client closed the connection before the end of its answer."""
        with self._lock:
            self.abandoned.append(Abandoned(events_sent, events))

    def keep(self, request: Request) -> None:
        """With pictures described, without headers."""
        self.requests.append(_described(request.body))

    def counts(self) -> dict[str, Any]:
        return {
            "total": self.total,
            "active": self.active,
            "most_active": self.most_active,
            "outcomes": dict(self.outcomes),
            "abandoned": [asdict(one) for one in self.abandoned],
        }


def _described(part: Any) -> Any:
    match part:
        case {"type": "base64", "media_type": str(kind), "data": str(data)} if kind.startswith("image/"):
            return {"type": "base64", "media_type": kind, **_picture(data)}
        case dict():
            return {key: _described(value) for key, value in part.items()}
        case list():
            return [_described(value) for value in part]
    return part


def _picture(data: str) -> dict[str, Any]:
    decoded = base64.b64decode(data)
    width, height = Image.open(io.BytesIO(decoded)).size
    digest = hashlib.sha256(decoded).hexdigest()
    return {"bytes": len(decoded), "sha256": digest, "width": width, "height": height}
