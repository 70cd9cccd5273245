"""What the server was asked and what came of it, for tests to look at."""

import base64
import hashlib
import io
import threading
from collections import Counter, deque
from typing import Any

from PIL import Image

from tests.messages_server.request import Request

_KEPT = 500


class Transcript:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        self.requests: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self.outcomes: Counter[str] = Counter()
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

    def keep(self, request: Request) -> None:
        """With pictures described, without headers."""
        self.requests.append(_described(request.body))

    def counts(self) -> dict[str, Any]:
        return {
            "total": self.total,
            "active": self.active,
            "most_active": self.most_active,
            "outcomes": dict(self.outcomes),
        }


def _described(part: Any) -> Any:
    match part:
        case {"type": "base64", "data": str(data)}:
            return {"type": "base64", "media_type": part["media_type"], **_picture(data)}
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
