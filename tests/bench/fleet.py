"""The fleet, as a client sees it: over HTTP, from the first byte sent to the text received."""

import time
from pathlib import Path

from tests.client import Client, accepted

_LIMIT_S = 3600


def read(client: Client, pdf: Path, turn: int, language: str) -> tuple[float, str]:
    """Seconds and text. Each turn's file differs by a comment at its end, so that no result is an old one."""
    data = pdf.read_bytes() + b"\n%% turn %d\n" % turn
    begin = time.monotonic()
    job = accepted(client.submit(data, pdf.name, tier="cpu", language=language))
    job = client.finished(job, _LIMIT_S)
    seconds = time.monotonic() - begin
    if job["status"] != "done" or job["failed_pages"]:
        raise RuntimeError(f"the fleet ended {job['status']}: {job['error']}, failed {job['failed_pages']}")
    return seconds, job["text"]
