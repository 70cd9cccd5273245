"""A process that is told to stop ends within its time; one that cannot says what held it up."""

import asyncio
import contextlib
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from common.runtime import ending

LIMIT_S = 20
ORDERLY = 0
FORCED = 1
# For those that end by themselves, however busy the machine is; and for those that never would.
AMPLE_S, SHORT_S = 5.0, 0.5

PROCESS = """
import asyncio, threading, time
from common import logs
from common.runtime.process import run, unless_stopped

async def main(stop):
    logs.configure("INFO", "test")
    print("started", flush=True)
    await work(stop)

{work}

run(main, drain_s=0.5, margin_s={margin_s})
"""


@contextmanager
def running(work: str, margin_s: float) -> Iterator[subprocess.Popen[str]]:
    program = PROCESS.format(work=textwrap.dedent(work), margin_s=margin_s)
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "started\n"
            yield process
        finally:
            process.kill()


def ended(
    work: str, number: signal.Signals = signal.SIGTERM, *, margin_s: float = SHORT_S
) -> tuple[int, str, float]:
    """The exit code, what was said, and the seconds since the signal."""
    with running(work, margin_s) as process:
        begin = time.monotonic()
        process.send_signal(number)
        said, _ = process.communicate(timeout=LIMIT_S)
        return process.returncode, said, time.monotonic() - begin


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_that_winds_up_ends_orderly(number: signal.Signals) -> None:
    code, said, _ = ended("async def work(stop): await stop.wait()", number, margin_s=AMPLE_S)
    assert (code, said) == (ORDERLY, "")


def test_a_process_that_starts_ends_at_once() -> None:
    work = """
        async def work(stop):
            async with unless_stopped(stop):
                await asyncio.Event().wait()
        """
    code, said, _ = ended(work, margin_s=AMPLE_S)
    assert (code, said) == (ORDERLY, "")


def test_a_task_that_never_ends_is_named_before_the_process_is_ended() -> None:
    code, said, seconds = ended("""
        async def work(stop):
            await stop.wait()
            await deaf()

        async def deaf():
            await asyncio.Event().wait()
        """)
    assert code == FORCED
    assert seconds >= 1
    assert "still_running" in said and "deaf" in said
    assert "Timeout" in said and "most recent call first" in said


def test_an_event_loop_that_is_blocked_is_ended_too() -> None:
    code, said, _ = ended("""
        async def work(stop):
            threading.Lock().acquire()
            blocked = threading.Lock()
            blocked.acquire()
            blocked.acquire()
        """)
    assert code == FORCED
    assert "in work" in said


def test_a_thread_that_never_returns_does_not_hold_up_the_end() -> None:
    code, said, _ = ended("""
        async def work(stop):
            threading.Thread(target=endless, name="endless").start()
            await stop.wait()

        def endless():
            time.sleep(600)
        """)
    assert code == FORCED
    assert "in endless" in said


async def test_a_task_that_swallows_a_cancellation_is_cancelled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ending, "CANCEL_AGAIN_S", 0.01)
    swallowed = 0

    async def work() -> None:
        nonlocal swallowed
        while swallowed < 2:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            swallowed += 1
        await asyncio.Event().wait()

    working = asyncio.create_task(work())
    await asyncio.sleep(0)
    await ending.cancel_all([working])
    assert working.cancelled() and swallowed == 2


def test_further_signals_do_not_postpone_the_end() -> None:
    work = "async def work(stop): await asyncio.Event().wait()"
    with running(work, SHORT_S) as process:
        begin = time.monotonic()
        while process.poll() is None:
            process.terminate()
            time.sleep(0.2)
            assert time.monotonic() - begin < LIMIT_S
        assert process.returncode == FORCED
