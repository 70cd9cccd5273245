"""The child pool against real processes: what a hostile page can do, and what then becomes of the rest."""

import asyncio
import errno
import mmap
import multiprocessing
import os
import resource
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from textwrap import dedent
from typing import NoReturn

import psutil
import pytest

from common.adapters.child_pool import ChildPool
from common.adapters.child_process import Routine
from common.errors import (
    CorruptFile,
    DiskUnavailable,
    EngineCrashed,
    EngineTimeout,
    EngineUnavailable,
    InvalidField,
    PageTooLarge,
)

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
async def pool() -> AsyncIterator[ChildPool]:
    pool = ChildPool(memory_limit_mb=400)
    yield pool
    await pool.close()


async def test_a_result_comes_back(pool: ChildPool) -> None:
    assert await pool.run(divmod, 17, 5, time_limit_s=10) == (3, 2)


async def test_the_work_happens_in_another_process_group(pool: ChildPool) -> None:
    child = await pool.run(os.getpid, time_limit_s=10)
    assert child != os.getpid()
    assert await pool.run(os.getpgid, 0, time_limit_s=10) == child


async def test_a_child_that_takes_too_long_is_killed_and_replaced(pool: ChildPool) -> None:
    child = await pool.run(os.getpid, time_limit_s=10)
    with pytest.raises(EngineTimeout):
        await pool.run(time.sleep, 60, time_limit_s=0.3)
    assert not psutil.pid_exists(child)
    assert await pool.run(os.getpid, time_limit_s=10) != child


@pytest.mark.parametrize("sent", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
async def test_a_child_that_dies_is_told_apart_and_replaced(pool: ChildPool, sent: signal.Signals) -> None:
    with pytest.raises(EngineCrashed, match=sent.name):
        await pool.run(_kill_self, sent, time_limit_s=10)
    assert await pool.run(abs, -1, time_limit_s=10) == 1


async def test_a_child_that_leaves_is_told_by_its_status(pool: ChildPool) -> None:
    with pytest.raises(EngineCrashed, match="exit status 3"):
        await pool.run(sys.exit, 3, time_limit_s=10)
    assert await pool.run(abs, -1, time_limit_s=10) == 1


async def test_a_child_that_dies_amid_its_answer_is_told(pool: ChildPool) -> None:
    with pytest.raises(EngineCrashed, match="SIGKILL"):
        await pool.run(_begin_to_answer_then, _kill_self, signal.SIGKILL, time_limit_s=10)
    assert await pool.run(abs, -1, time_limit_s=10) == 1


async def test_a_child_that_halts_amid_its_answer_is_killed(pool: ChildPool) -> None:
    with pytest.raises(EngineTimeout):
        await pool.run(_begin_to_answer_then, time.sleep, 60, time_limit_s=0.3)
    assert await pool.run(abs, -1, time_limit_s=10) == 1


async def test_processor_time_is_limited(pool: ChildPool) -> None:
    soft, _ = await pool.run(resource.getrlimit, resource.RLIMIT_CPU, time_limit_s=10)
    assert 10 <= soft <= 20
    with pytest.raises(EngineTimeout, match="processor"):
        await pool.run(_kill_self, signal.SIGXCPU, time_limit_s=10)


async def test_a_child_that_dies_while_idle_costs_no_call(pool: ChildPool) -> None:
    child = await pool.run(os.getpid, time_limit_s=10)
    os.kill(child, signal.SIGKILL)
    await _end_of(child)
    assert await pool.run(abs, -1, time_limit_s=10) == 1


async def test_a_memory_bomb_meets_the_limit(pool: ChildPool) -> None:
    with pytest.raises(PageTooLarge):
        await pool.run(bytearray, 600 * 1024 * 1024, time_limit_s=10)
    assert await pool.run(abs, -1, time_limit_s=10) == 1


async def test_what_is_large_goes_there_and_comes_back(pool: ChildPool) -> None:
    large = os.urandom(5_000_000)
    assert await pool.run(bytes, large, time_limit_s=10) == large


@pytest.mark.parametrize("error", [CorruptFile("cut short"), InvalidField("language", "unknown")])
async def test_our_own_errors_arrive_as_they_are(pool: ChildPool, error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        await pool.run(_raise, error, time_limit_s=10)
    assert vars(caught.value)["message"] == vars(error)["message"]


async def test_a_bug_arrives_with_its_traceback(pool: ChildPool) -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        await pool.run(divmod, 1, 0, time_limit_s=10)


async def test_a_result_that_cannot_travel_is_a_bug(pool: ChildPool) -> None:
    child = await pool.run(os.getpid, time_limit_s=10)
    with pytest.raises(RuntimeError, match="pickle"):
        await pool.run(open, os.devnull, time_limit_s=10)
    assert await pool.run(os.getpid, time_limit_s=10) == child


async def test_cancelling_a_call_kills_its_child(pool: ChildPool) -> None:
    child = await pool.run(os.getpid, time_limit_s=10)
    call = asyncio.create_task(pool.run(time.sleep, 60, time_limit_s=100))
    await asyncio.sleep(0.2)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert await pool.run(abs, -1, time_limit_s=10) == 1
    await _end_of(child)


async def test_what_a_child_started_ends_with_it(pool: ChildPool, tmp_path: Path) -> None:
    call = asyncio.create_task(pool.run(_start_a_program, tmp_path / "pid", time_limit_s=100))
    program = await _pid_in(tmp_path / "pid")
    call.cancel()
    async with asyncio.timeout(10):
        while _lives(program):
            await asyncio.sleep(0.01)


async def test_what_a_child_prints_goes_nowhere(pool: ChildPool, capfd: pytest.CaptureFixture[str]) -> None:
    await pool.run(os.write, 2, b"x" * 1_000_000, time_limit_s=10)
    assert capfd.readouterr() == ("", "")


async def test_the_temporary_files_of_a_child_are_private_and_end_with_it(
    pool: ChildPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    call = asyncio.create_task(pool.run(_write_a_temporary_file, tmp_path / "pid", time_limit_s=100))
    await _pid_in(tmp_path / "pid")
    (image,) = tmp_path.glob("*/page_*.png")
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (image.parent, image, image.parent / "plain")]
    assert modes == [0o700, 0o600, 0o600]
    call.cancel()
    async with asyncio.timeout(10):
        while image.parent.exists():
            await asyncio.sleep(0.01)
    await pool.close()
    assert [path.name for path in tmp_path.iterdir()] == ["pid"]


async def test_what_a_killed_parent_left_is_swept_at_the_next_start_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = dedent(
        """
        import asyncio, os, signal, tempfile, time
        from common.adapters.child_pool import ChildPool

        async def main():
            pool = ChildPool()
            print(await pool.run(tempfile.gettempdir, time_limit_s=10), flush=True)
            os.kill(os.getpid(), signal.SIGKILL)

        asyncio.run(main())
        """
    )
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    left = Path(done.stdout.strip())
    assert left.parent == tmp_path and left.is_dir()
    living, starting = ChildPool(), ChildPool()
    kept = Path(await living.run(tempfile.gettempdir, time_limit_s=10))
    await starting.start()
    assert (left.exists(), kept.exists()) == (False, True)
    await living.close()
    await starting.close()


async def test_no_room_for_a_child_is_a_passing_trouble(
    pool: ChildPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(**_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(tempfile, "mkdtemp", no_room)
        with pytest.raises(DiskUnavailable):
            await pool.run(abs, -1, time_limit_s=10)
    assert await pool.run(abs, -1, time_limit_s=10) == 1


async def test_a_child_without_calls_rests() -> None:
    pool = ChildPool(routine=Routine(at_rest=_at_rest, rest_after_s=0.1))
    await pool.start()
    async with asyncio.timeout(10):
        while await pool.run(os.getenv, "RESTED", time_limit_s=10) != "yes":
            await asyncio.sleep(0.2)
    await pool.close()


async def test_a_child_that_goes_on_resting_is_asked_to_again_and_again() -> None:
    pool = ChildPool(routine=Routine(at_rest=_count_rests, rest_after_s=0.05))
    await pool.start()
    await asyncio.sleep(1)
    assert int(await pool.run(os.getenv, "RESTS", time_limit_s=10) or 0) >= 2
    await pool.close()


async def test_a_child_is_recycled_after_its_share_of_calls() -> None:
    pool = ChildPool(recycle_after=3)
    children = [await pool.run(os.getpid, time_limit_s=10) for _ in range(6)]
    await pool.close()
    assert len(set(children[:3])) == len(set(children[3:])) == 1
    assert children[0] != children[3]


async def test_a_child_that_has_little_room_left_is_recycled() -> None:
    """Whether it uses what it has mapped or not: the limit counts both."""
    pool = ChildPool(memory_limit_mb=1000)
    first = await pool.run(os.getpid, time_limit_s=10)
    await pool.run(_map, 100 << 20, time_limit_s=10)
    assert await pool.run(os.getpid, time_limit_s=10) == first
    await pool.run(_map, 800 << 20, time_limit_s=10)
    assert await pool.run(os.getpid, time_limit_s=10) != first
    await pool.close()


async def test_a_call_that_lacked_memory_because_of_earlier_ones_succeeds() -> None:
    pool = ChildPool(memory_limit_mb=1000)
    await pool.run(_map, 500 << 20, time_limit_s=10)
    assert await pool.run(_length_of, 500 << 20, time_limit_s=10) == 500 << 20
    await pool.close()


async def test_every_child_is_warm_before_its_first_call() -> None:
    pool = ChildPool(routine=Routine(_warm_up), recycle_after=1)
    await pool.start()
    assert [await pool.run(os.getenv, "WARM", time_limit_s=10) for _ in range(2)] == ["yes", "yes"]
    await pool.close()


async def test_children_that_cannot_start_are_reported() -> None:
    pool = ChildPool(routine=Routine(os.abort))
    with pytest.raises(EngineUnavailable):
        await pool.start()
    await pool.close()


async def test_as_many_calls_run_at_once_as_there_are_slots() -> None:
    pool = ChildPool(slots=2)
    await pool.start()
    children = await asyncio.gather(*(pool.run(_pid_after, 0.3, time_limit_s=10) for _ in range(4)))
    await pool.close()
    assert len(set(children)) == 2


async def test_cancelling_one_call_leaves_the_others_alone() -> None:
    pool = ChildPool(slots=2)
    await pool.start()
    stays = asyncio.create_task(pool.run(_pid_after, 0.5, time_limit_s=10))
    goes = asyncio.create_task(pool.run(time.sleep, 60, time_limit_s=100))
    await asyncio.sleep(0.2)
    goes.cancel()
    assert await stays
    await pool.close()


async def test_closing_leaves_no_child_behind(pool: ChildPool) -> None:
    child = await pool.run(os.getpid, time_limit_s=10)
    await pool.close()
    assert not psutil.pid_exists(child)


async def test_closing_ends_what_is_under_way_and_all_that_would_follow(
    pool: ChildPool, tmp_path: Path
) -> None:
    call = asyncio.create_task(pool.run(_start_a_program, tmp_path / "pid", time_limit_s=100))
    await _pid_in(tmp_path / "pid")
    waits = asyncio.create_task(pool.run(abs, -1, time_limit_s=10))
    await pool.close()
    with pytest.raises(EngineCrashed):
        await call
    with pytest.raises(EngineUnavailable):
        await waits
    assert not multiprocessing.active_children()


def test_children_die_with_a_parent_that_was_killed() -> None:
    program = dedent(
        """
        import asyncio, os, sys, time
        from common.adapters.child_pool import ChildPool

        async def main():
            pool = ChildPool()
            print(await pool.run(os.getpid, time_limit_s=10), flush=True)
            await pool.run(time.sleep, 60, time_limit_s=100)

        asyncio.run(main())
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        descendants = psutil.Process(parent.pid).children(recursive=True)
        parent.kill()
    assert child in {process.pid for process in descendants}
    deadline = time.monotonic() + 10
    while any(_lives(process.pid) for process in descendants):
        assert time.monotonic() < deadline
        time.sleep(0.01)


async def _end_of(child: int) -> None:
    """Returns once the child is gone and its parent has noticed."""
    async with asyncio.timeout(10):
        while psutil.pid_exists(child):
            await asyncio.sleep(0.01)


async def _pid_in(file: Path) -> int:
    async with asyncio.timeout(30):
        while not file.exists() or not file.read_text().endswith("\n"):
            await asyncio.sleep(0.01)
    return int(file.read_text())


_kept: list[mmap.mmap] = []


def _map(size_bytes: int) -> None:
    _kept.append(mmap.mmap(-1, size_bytes))


def _length_of(size_bytes: int) -> int:
    return len(bytearray(size_bytes))


def _lives(pid: int) -> bool:
    """An orphan that has ended may stay a zombie until init looks after it."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _kill_self(sent: int) -> None:
    os.kill(os.getpid(), sent)


def _begin_to_answer_then(function: Callable[[int], None], argument: int) -> None:
    """Sends less than a message has at least, on the child's one socket."""
    [pipe] = [fd for fd in range(3, 100) if _is_socket(fd)]
    os.write(pipe, b"\0")
    function(argument)


def _is_socket(fd: int) -> bool:
    try:
        return stat.S_ISSOCK(os.fstat(fd).st_mode)
    except OSError:
        return False


def _start_a_program(pid_file: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as program:
        pid_file.write_text(f"{program.pid}\n")


def _write_a_temporary_file(pid_file: Path) -> None:
    """As a command's wrapper does, which is then broken off."""
    with tempfile.NamedTemporaryFile(prefix="page_", suffix=".png", delete=False) as file:
        file.write(b"pixels")
    Path(tempfile.gettempdir(), "plain").write_bytes(b"pixels")
    _start_a_program(pid_file)


def _raise(error: Exception) -> None:
    raise error


def _warm_up() -> None:
    os.environ["WARM"] = "yes"


def _count_rests() -> None:
    os.environ["RESTS"] = str(int(os.environ.get("RESTS", 0)) + 1)


def _at_rest() -> None:
    os.environ["RESTED"] = "yes"


def _pid_after(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()
