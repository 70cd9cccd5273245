"""kill -9 of fronts and workers while a partner sends: every request is served once, and paid once."""

import random
import secrets
import time
from contextlib import suppress

import psutil
import pytest

from tests import files
from tests.pages import numbered_pages
from tests.partner import Partner, admitted, connected
from tests.stack import Stack

FEW, MANY = 8, 60
LIMIT_S = 120


@pytest.fixture(scope="module")
def stack(hasty_stack: Stack) -> Stack:
    return hasty_stack


@pytest.mark.timeout(200)
def test_requests_survive_the_fronts_that_had_them(stack: Stack, seed: int) -> None:
    check(stack, random.Random(seed), FEW, kills=3)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("course", [1, 2])
def test_many_requests_survive_many_kills(stack: Stack, course: int) -> None:
    check(stack, random.Random(course), MANY, kills=12)


def check(stack: Stack, chance: random.Random, count: int, kills: int) -> None:
    """Some messages are sent twice, as partners do whose confirm was lost."""
    name = f"faults-{secrets.token_hex(3)}"
    sheets = numbered_pages(count)
    with connected(name, *admitted(stack, name)) as partner:
        sent = {f"r-{number}": files.scanned_pdf([sheet.image]) for number, sheet in enumerate(sheets)}
        for request, content in sent.items():
            for _ in range(chance.choice([1, 1, 2])):
                partner.send(content, message_id=request, headers={"language": "en"})
        for number in range(kills):
            partner.listen_for(chance.uniform(0.1, 1.0))
            kill(stack, chance, "ocr_cpu" if number % 3 == 1 else "front")
        done = until_all_are_done(partner, len(sent))
        stack.wait_until_whole()
        assert set(done) == set(sent), "none is lost"
        assert not [one for one in partner.heard if one.what in ("rejected", "failed")]
        jobs = {
            request: {one.body["job_id"] for one in partner.heard if one.body.get("request_id") == request}
            for request in sent
        }
        assert [len(found) for found in jobs.values()] == [1] * len(sent), "none is double"
        for number, sheet in enumerate(sheets):
            assert " ".join(done[f"r-{number}"].split()) == " ".join(sheet.text.split())
        until_charged(partner, len(sent))


def kill(stack: Stack, chance: random.Random, kind: str) -> None:
    """One that runs: those that were killed just now may not be back yet."""
    while not (running := [process.pid for process in stack.processes(kind) if process.pid]):
        time.sleep(0.1)
    with suppress(psutil.NoSuchProcess):
        psutil.Process(chance.choice(running)).kill()


def until_all_are_done(partner: Partner, count: int) -> dict[str, str]:
    """The text of each request, by its id."""

    def texts() -> dict[str, str]:
        ends = [one.body for one in partner.heard if one.what == "done"]
        return {one["request_id"]: one["result"]["text"] for one in ends}

    partner.until(lambda heard: len(texts()) >= count, LIMIT_S)
    return texts()


def until_charged(partner: Partner, credits: int) -> None:
    deadline = time.monotonic() + LIMIT_S
    while (account := partner.client.account())["balance"] + credits != account["cap"]:
        assert time.monotonic() < deadline, account
        time.sleep(0.2)
    partner.listen_for(0.5)
    assert partner.client.account()["used"] == credits
