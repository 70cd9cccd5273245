"""The name of one request, in its answer and in every log line about it."""

import re
from uuid import uuid4

HEADER = "X-Request-Id"
_SANE = re.compile(r"[A-Za-z0-9._:@/+=-]{1,128}")


def request_id(sent: str | None) -> str:
    """The caller's own where it is harmless to repeat, else a new one."""
    return sent if sent and _SANE.fullmatch(sent) else uuid4().hex
