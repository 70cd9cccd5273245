"""A process that fails by itself ends within its time too, whatever else still runs in it."""

import subprocess
import sys
import textwrap

import pytest

LIMIT_S = 20
FAILED = 1

PROCESS = """
import asyncio, contextlib, time
from contextlib import AsyncExitStack
from common import logs
from common.runtime.ending import cancel_all
from common.runtime.process import run, winding_up

async def deaf():
    while True:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

async def main(stop):
    logs.configure("INFO", "test")
    background = asyncio.create_task(deaf())
    await asyncio.sleep(0)
    await work(stop, background)

{work}

run(main, drain_s={drain_s}, margin_s={margin_s})
print("left")
"""


def ended(work: str, drain_s: float = 0.5, margin_s: float = 0.5) -> tuple[int, str]:
    """The exit code, and all that was said."""
    program = PROCESS.format(work=textwrap.dedent(work), drain_s=drain_s, margin_s=margin_s)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_a_main_that_fails_beside_a_task_that_takes_no_cancellation_ends() -> None:
    code, said = ended("""
        async def work(stop, background):
            raise ValueError("the cause")
        """)
    assert code == FAILED
    assert "still_running" in said and "deaf" in said and "most recent call first" in said


def test_a_main_that_hangs_while_it_unwinds_ends_and_has_told_why() -> None:
    code, said = ended("""
        async def work(stop, background):
            async with AsyncExitStack() as stack, winding_up(stop):
                stack.push_async_callback(cancel_all, [background])
                raise ValueError("the cause")
        """)
    assert code == FAILED
    assert "the cause" in said and "most recent call first" in said


@pytest.mark.parametrize("ends", ["return", "raise ValueError('the cause')"])
def test_a_main_that_ends_with_nothing_left_is_not_waited_for(ends: str) -> None:
    code, said = ended(
        f"""
        async def deaf(): pass

        async def work(stop, background):
            async with winding_up(stop):
                {ends}
        """,
        margin_s=600,
    )
    assert code == (0 if ends == "return" else FAILED)
    assert ("left" in said) == (ends == "return") and ("the cause" in said) == (ends != "return")
    assert "most recent call first" not in said
