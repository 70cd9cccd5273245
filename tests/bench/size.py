"""A very long document beside a short one: the same time a page, the same memory, nobody kept waiting."""

import statistics
import time
from collections.abc import Iterator

import psutil

from tests import files
from tests.bench.report import Ratio
from tests.client import Client, Job, accepted
from tests.pages import numbered_pages
from tests.stack import Stack

SHORT, LONG = 50, 1000
_EARLY = 100
_SHORT_TURNS = 3
_ONE_PAGE_JOBS = 40
_LIMIT_S = 3600
_MB = 1024 * 1024

# MB of each program of the stack with its children.
Memory = dict[str, float]


def measure(stack: Stack, client: Client) -> Iterator[Ratio]:
    """Small pages, so that what the service does for each weighs more than its reading."""
    _read(client, SHORT)  # so that everything is loaded
    short_s = [_read(client, SHORT) for _ in range(_SHORT_TURNS)]
    early, late, long_s = _read_watching_memory(stack, client)
    short_s += [_read(client, SHORT) for _ in range(_SHORT_TURNS)]
    page_s = statistics.median(short_s) / SHORT
    yield _ratio(f"page of {LONG}/{SHORT}", long_s / LONG, page_s, 1.15, "s")
    for name in sorted(early.keys() & late.keys()):
        yield _ratio(f"{name} {LONG}/{_EARLY}", late[name], early[name], 1.2, "MB")
    idle_s = _waiting_time(client)
    job = _begun(client, LONG)
    busy_s = _waiting_time(client)
    still = accepted(client.job(job["uuid"]))
    client.cancel(job["uuid"])
    if still["status"] != "processing":
        raise RuntimeError("the long job ended before the short ones beside it")
    yield _ratio("p95 busy/idle", busy_s, idle_s, 3.0, "s")


def _read(client: Client, page_count: int) -> float:
    """Seconds, without those of the upload."""
    job = _begun(client, page_count)
    begin = time.monotonic()
    _check(client.finished(job, _LIMIT_S), page_count)
    return time.monotonic() - begin


def _read_watching_memory(stack: Stack, client: Client) -> tuple[Memory, Memory, float]:
    """After an early page, after the last one, and the seconds of all."""
    job = _begun(client, LONG)
    begin = time.monotonic()
    states = client.watched(job, _LIMIT_S)
    next(state for state in states if state["pages_done"] >= _EARLY)
    early = _memory(stack)
    _check(list(states)[-1], LONG)
    seconds = time.monotonic() - begin
    return early, _memory(stack), seconds


def _waiting_time(client: Client) -> float:
    """Seconds within which 95 of 100 jobs of one page are answered."""
    seconds = []
    image = files.png(numbered_pages(1)[0].image)
    for _ in range(_ONE_PAGE_JOBS):
        begin = time.monotonic()
        _check(client.read(image, language="en"), 1)
        seconds.append(time.monotonic() - begin)
    return statistics.quantiles(seconds, n=20)[-1]


def _begun(client: Client, page_count: int) -> Job:
    """Of the pages that say 0 … LONG - 1, as many, spread evenly: high numbers have more words to read."""
    pages = [numbered_pages(1, first=number)[0] for number in range(0, LONG, LONG // page_count)]
    return accepted(client.submit(files.scanned_pdf([page.image for page in pages]), language="en"))


def _check(job: Job, page_count: int) -> None:
    if (job["status"], len(job["pages"]), job["failed_pages"]) != ("done", page_count, []):
        raise RuntimeError(f"the fleet ended {job['status']}: {job['error']}, failed {job['failed_pages']}")


def _memory(stack: Stack) -> Memory:
    roots = {process.name: psutil.Process(process.pid) for process in stack.processes() if process.pid}
    return {
        name: sum(one.memory_info().rss for one in (root, *root.children(recursive=True))) / _MB
        for name, root in roots.items()
    }


def _ratio(name: str, over: float, under: float, goal: float, unit: str) -> Ratio:
    value = over / under
    return Ratio(f"{name}: {over:.3g} / {under:.3g} {unit}", [value], value, goal)
