"""Every process is replaced, one after the other, while callers send jobs: as a release does it."""

import os
import secrets
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psutil
import pytest
import requests

from deploy.local.stack import ProcessStatus
from tests.faults.ends import Logs, check_ended
from tests.faults.steady_load import Tally, steady_load
from tests.faults.steady_partner import steady_partner
from tests.stack import Stack

FLEET = ("front", "ocr_cpu", "ocr_vlm", "export", "chat")
READY_LIMIT_S = 60
ROUNDS = 6


@pytest.mark.timeout(120)
def test_a_rolling_restart_loses_nothing_and_takes_no_further_attempt(
    stack: Stack, record_property: Callable[[str, object], None]
) -> None:
    tally = restarted(stack, rounds=1, callers=1)
    record_property("told", tally.table("Rolling restart under load"))
    check(tally)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_rolling_restarts_over_and_over_lose_nothing_and_take_no_further_attempt(
    stack: Stack, record_property: Callable[[str, object], None]
) -> None:
    with steady_partner(stack) as partner:
        tally = restarted(stack, rounds=ROUNDS, callers=4)
    record_property("told", tally.table(f"{ROUNDS} rolling restarts under load"))
    record_property("told", partner.table())
    check(tally)
    assert (partner.lost, partner.rejected, partner.double) == (0, 0, 0), partner
    assert partner.done == partner.sent > 0, partner
    assert tally.done >= 10 * ROUNDS


def check(tally: Tally) -> None:
    assert (tally.lost, tally.failed, tally.double) == (0, 0, 0), tally
    assert (tally.attempts, tally.read_again) == (0, 0), tally
    assert tally.done == tally.accepted == tally.sent > 0, tally


def restarted(stack: Stack, *, rounds: int, callers: int) -> Tally:
    """What became of the load meanwhile. Kinds are replaced side by side, as deployments are."""
    client = stack.client(stack.account(f"rolling-{secrets.token_hex(4)}"))
    with steady_load(client, stack.amqp_url, callers) as tally, ThreadPoolExecutor(len(FLEET)) as pool:
        for _ in range(rounds):
            list(pool.map(partial(replace_kind, stack), FLEET))
    return tally


def replace_kind(stack: Stack, kind: str) -> None:
    for process in stack.processes(kind):
        restart(stack, process.name)


def restart(stack: Stack, name: str) -> None:
    """It is told to stop, ends by itself, and its successor takes work."""
    before, logs = _process(stack, name), Logs(stack)
    assert before.pid is not None
    victim = psutil.Process(before.pid)
    os.kill(victim.pid, signal.SIGTERM)
    check_ended(logs, [victim])
    deadline = time.monotonic() + READY_LIMIT_S
    while not is_ready(_process(stack, name)):
        assert time.monotonic() < deadline, f"{name} takes no work"
        time.sleep(0.1)


def is_ready(process: ProcessStatus) -> bool:
    """As its own port says; a process is gone for a moment, between its end and its next start."""
    port = process.ports[process.name if process.name.startswith("front") else f"{process.name}-metrics"]
    try:
        return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


def _process(stack: Stack, name: str) -> ProcessStatus:
    return next(process for process in stack.processes(name) if process.name == name)
