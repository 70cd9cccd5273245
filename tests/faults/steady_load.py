"""Callers who send one small job after the other, whatever happens, and what became of all of it."""

import asyncio
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import requests

from common.adapters.rabbit import connected
from common.contracts.codec import Encoded, decode
from common.contracts.events import PageFailed, PageRecognized
from tests import files
from tests.client import JOBS, Client, accepted
from tests.pages import numbered_pages

LIMIT_S = 120
# Of a page of a job that is read already; of a queue that nobody fetches from any more.
_PAGES = 3
_TAP_LASTS_MS = 900_000
_RETRY_S = 0.2
_DOCUMENT = files.scanned_pdf([sheet.image for sheet in numbered_pages(_PAGES)])
# Somebody else is at it, or something is away: the same request may succeed later.
_TRY_AGAIN = (409, 503)
_HEARD = ("page.recognized", "page.failed")
_RETRIES = ("ocr.retry.2s", "ocr.retry.15s", "ocr.retry.60s")


@dataclass
class Tally:
    """``lost``: sent, and not done with all its pages. ``double``: made, or charged, twice.

    ``attempts``: tasks that were tried again after a failure. ``read_again``: pages whose result came twice.
    ``longest_s``: until a request was answered, repeated if need be.
    """

    sent: int = 0
    accepted: int = 0
    done: int = 0
    failed: int = 0
    lost: int = 0
    double: int = 0
    attempts: int = 0
    read_again: int = 0
    longest_s: float = 0.0

    def table(self, title: str) -> str:
        cells = {
            "sent": self.sent,
            "accepted": self.accepted,
            "done": self.done,
            "failed": self.failed,
            "lost": self.lost,
            "double": self.double,
            "further attempts": self.attempts,
            "pages read again": self.read_again,
            "longest until an answer": f"{self.longest_s:.1f} s",
        }
        return f"{title}: " + ", ".join(f"{name} {value}" for name, value in cells.items())


@dataclass
class SteadyLoad:
    """Jobs by the idempotency key that their caller chose; each caller has one under way at a time."""

    client: Client
    jobs: dict[str, str] = field(default_factory=dict)
    longest_s: float = 0.0
    enough: threading.Event = field(default_factory=threading.Event)

    def call(self) -> None:
        """One caller, until it is enough: it submits, waits for the end, and has a file built."""
        client = Client(self.client.urls, self.client.token)
        while not self.enough.is_set():
            key = secrets.token_hex(8)
            self.jobs[key] = ""
            answer = self._until_answered(
                lambda key=key: client.post(
                    JOBS,
                    files={"file": ("steady.pdf", _DOCUMENT)},
                    data={"language": "en"},
                    headers={"Idempotency-Key": key},
                )
            )
            self.jobs[key] = uuid = str(accepted(answer)["uuid"])
            while self._job(client, uuid)["status"] in ("pending", "processing"):
                time.sleep(_RETRY_S)
            self._until_answered(lambda uuid=uuid: client.download(uuid, "csv"))

    def _job(self, client: Client, uuid: str) -> dict[str, object]:
        return accepted(self._until_answered(lambda: client.job(uuid)))

    def _until_answered(self, ask: Callable[[], requests.Response]) -> requests.Response:
        begin = time.monotonic()
        while True:
            try:
                answer = ask()
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
                answer = None  # the front that was asked is gone
            waited_s = time.monotonic() - begin
            self.longest_s = max(self.longest_s, waited_s)
            if answer is not None and answer.status_code not in _TRY_AGAIN:
                return answer
            assert waited_s < LIMIT_S, f"not answered for {LIMIT_S} s"
            time.sleep(_RETRY_S)


@contextmanager
def steady_load(client: Client, amqp_url: str, callers: int = 2) -> Iterator[Tally]:
    """While the block runs, ``callers`` send; the tally is complete after it."""
    load, tally = SteadyLoad(client), Tally()
    balance = client.account()["balance"]
    tap = f"test.tap.{secrets.token_hex(4)}"
    asyncio.run(_open_tap(amqp_url, tap))
    with ThreadPoolExecutor(callers) as pool:
        calling = [pool.submit(load.call) for _ in range(callers)]
        try:
            yield tally
            _still_calling(calling)
        finally:
            load.enough.set()
        for one in calling:
            one.result()
    _count(tally, load, client)
    charged = balance - client.account()["balance"]
    if not client.balance_becomes(balance - _PAGES * tally.done, limit_s=30):
        charged = balance - client.account()["balance"]
        tally.double += abs(charged - _PAGES * tally.done)
    asyncio.run(_count_heard(tally, amqp_url, tap))


def _still_calling(calling: list[Future[None]]) -> None:
    for one in calling:
        if one.done():
            one.result()


def _count(tally: Tally, load: SteadyLoad, client: Client) -> None:
    uuids = {uuid for uuid in load.jobs.values() if uuid}
    tally.sent, tally.accepted, tally.longest_s = len(load.jobs), len(uuids), load.longest_s
    for uuid in uuids:
        job = accepted(client.job(uuid))
        is_whole = len(job["pages"]) == job["usage"]["pages"] == _PAGES and not job["failed_pages"]
        tally.done += job["status"] == "done"
        tally.failed += job["status"] == "failed"
        tally.lost += not (job["status"] == "done" and is_whole)
    tally.lost += tally.sent - tally.accepted
    made = set(_listed(client))
    tally.double += len(made - uuids)


def _listed(client: Client) -> Iterator[str]:
    """Every job of the account."""
    cursor: str | None = ""
    while cursor is not None:
        part = client.jobs(limit=100, cursor=cursor).json()
        yield from (job["uuid"] for job in part["jobs"])
        cursor = part["next_cursor"]


async def _open_tap(amqp_url: str, name: str) -> None:
    """A queue that gets a copy of every result and of every task that is to be tried again."""
    async with connected(amqp_url, "tap") as connection, connection.channel() as channel:
        queue = await channel.declare_queue(
            name, durable=True, arguments={"x-queue-type": "quorum", "x-expires": _TAP_LASTS_MS}
        )
        for key in _HEARD:
            await queue.bind("ocr.results", key)
        for exchange in _RETRIES:
            await queue.bind(exchange)


async def _count_heard(tally: Tally, amqp_url: str, name: str) -> None:
    results: Counter[tuple[str, int]] = Counter()
    async with connected(amqp_url, "tap") as connection, connection.channel() as channel:
        queue = await channel.get_queue(name, ensure=False)
        while (one := await queue.get(no_ack=True, fail=False)) is not None:
            heard = decode(Encoded(one.type or "", one.content_encoding, one.body))
            if isinstance(heard, PageRecognized | PageFailed) and not one.headers.get("attempt"):
                results[heard.job_id, heard.page_index] += 1
            else:
                tally.attempts += 1
        await queue.delete(if_unused=False, if_empty=False)
    tally.read_again = sum(count - 1 for count in results.values())
