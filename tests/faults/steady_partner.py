"""A partner who sends one request after the other through the broker, whatever happens to the fleet."""

import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event

from tests import files
from tests.client import Client
from tests.pages import numbered_pages
from tests.partner import Told, admitted, connected
from tests.stack import Stack

_ENDS = ("done", "failed", "canceled", "rejected")
_EVERY_S = 0.5
_WAIT_S = 120
_CREDITS = 100_000
PAGE = files.png(numbered_pages(1)[0].image)


@dataclass
class PartnerTally:
    """``lost``: requests whose job did not end. ``double``: jobs, and credits, beyond one for each."""

    sent: int = 0
    done: int = 0
    rejected: int = 0
    lost: int = 0
    double: int = 0

    def table(self) -> str:
        return (
            f"Partner meanwhile: sent {self.sent}, done {self.done}, rejected {self.rejected}, "
            f"lost {self.lost}, double {self.double}"
        )


@contextmanager
def steady_partner(stack: Stack) -> Iterator[PartnerTally]:
    """While the block runs, requests are sent; the tally is complete after it."""
    name, tally, enough = f"steady-{secrets.token_hex(3)}", PartnerTally(), Event()
    client, url = admitted(stack, name, credits=_CREDITS)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(_send, name, client, url, tally, enough)
        try:
            yield tally
        finally:
            enough.set()
        sending.result()


def _send(name: str, client: Client, url: str, tally: PartnerTally, enough: Event) -> None:
    with connected(name, client, url) as partner:
        requests = []
        while not enough.is_set():
            requests.append(partner.send(PAGE, content_type="image/png", headers={"language": "en"}))
            partner.listen_for(_EVERY_S)

        def is_ended(heard: Sequence[Told]) -> bool:
            return len({one.body["request_id"] for one in heard if one.what in _ENDS}) == len(requests)

        partner.until(is_ended, _WAIT_S)
        _count(tally, requests, partner.heard)
    used = int(client.account()["used"])
    tally.double += abs(used - tally.done)


def _count(tally: PartnerTally, requests: Sequence[str], heard: Sequence[Told]) -> None:
    tally.sent = len(requests)
    for request in requests:
        told = [one for one in heard if one.body.get("request_id") == request]
        whats = {one.what for one in told}
        jobs = {one.body["job_id"] for one in told if one.what != "rejected"}
        tally.done += "done" in whats
        tally.rejected += "rejected" in whats
        tally.lost += not whats & {"done", "rejected"}
        tally.double += max(0, len(jobs) - 1)
