"""The fleet, as a client sees it: over HTTP, from the first byte sent to the text received."""

import time
from pathlib import Path

from tests.client import Client, Job, accepted

_LIMIT_S = 3600


def read(client: Client, pdf: Path, turn: int, language: str, tier: str = "cpu") -> tuple[float, str]:
    """Seconds and text."""
    begin = time.monotonic()
    job = job_of(client, pdf, turn, language, tier)
    return time.monotonic() - begin, job["text"]


def job_of(client: Client, pdf: Path, turn: int, language: str, tier: str) -> Job:
    """Each turn's file differs by a comment at its end, so that no result is an old one."""
    data = pdf.read_bytes() + b"\n%% turn %d\n" % turn
    job = client.finished(accepted(client.submit(data, pdf.name, tier=tier, language=language)), _LIMIT_S)
    if job["status"] != "done" or job["failed_pages"]:
        raise RuntimeError(f"the fleet ended {job['status']}: {job['error']}, failed {job['failed_pages']}")
    return job
