"""kill -9 in the middle of a job: it still ends ``done``, with every page once and in its place."""

import os
import signal

import psutil
import pytest

from tests.client import Client, Job, accepted
from tests.faults.ends import Logs, check_ended
from tests.faults.long_job import LIMIT_S, begun_job, check_all_pages
from tests.stack import Stack

# The end of a process, of the job and of the repair may each take their own limit.
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def logs(stack: Stack) -> Logs:
    return Logs(stack)


@pytest.fixture
def running_job(client: Client, logs: Logs) -> Job:
    """Begun last of all that takes time, so that it is still running when something is ended."""
    return begun_job(client)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_is_ended_while_it_reads(
    stack: Stack, client: Client, logs: Logs, running_job: Job, how: signal.Signals
) -> None:
    victim = worker_at_work(stack)
    victim.send_signal(how)
    check_ended(logs, [victim])
    check_all_pages(client.finished(running_job, LIMIT_S))
    stack.wait_until_whole()
    assert victim.pid not in pids(stack, "ocr_cpu")


def test_all_workers_are_killed_at_once(stack: Stack, client: Client, running_job: Job) -> None:
    for pid in pids(stack, "ocr_cpu"):
        os.kill(pid, signal.SIGKILL)
    check_all_pages(client.finished(running_job, LIMIT_S))


def test_a_child_that_reads_a_page_is_killed(stack: Stack, client: Client, running_job: Job) -> None:
    worker = worker_at_work(stack)
    busiest(worker.children(recursive=True)).kill()
    check_all_pages(client.finished(running_job, LIMIT_S))
    assert worker.is_running(), "the worker died with its child"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_front_is_ended_while_a_job_runs(
    stack: Stack, client: Client, logs: Logs, running_job: Job, how: signal.Signals
) -> None:
    """Its pages go on to the other one, where the job can be followed without any error."""
    ended, other = chosen_front(stack)
    survivor = client.at(other)
    ended.send_signal(how)
    check_ended(logs, [ended])
    job = survivor.finished(accepted(survivor.job(running_job["uuid"])), LIMIT_S)
    check_all_pages(job)
    stack.wait_until_whole()
    assert ended.pid not in pids(stack, "front")
    for url in stack.urls:
        assert accepted(client.at(url).job(job["uuid"])) == job
        assert client.at(url).download(job["uuid"], "txt").text == job["text"]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_all_fronts_are_ended_while_a_job_runs(
    stack: Stack, client: Client, logs: Logs, running_job: Job, how: signal.Signals
) -> None:
    fronts = [psutil.Process(pid) for pid in pids(stack, "front")]
    for front in fronts:
        front.send_signal(how)
    check_ended(logs, fronts)
    stack.wait_until_whole()
    assert not {front.pid for front in fronts} & set(pids(stack, "front"))
    job = accepted(client.job(running_job["uuid"]))
    check_all_pages(client.finished(job, LIMIT_S))
    assert client.download(job["uuid"], "txt").status_code == 200


def chosen_front(stack: Stack) -> tuple[psutil.Process, str]:
    """Any front, and the address of the other."""
    places = list(zip(pids(stack, "front"), stack.urls, strict=True))
    [(chosen, _), (_, other)] = stack.chance.sample(places, 2)
    return psutil.Process(chosen), other


def worker_at_work(stack: Stack) -> psutil.Process:
    """The worker whose children have used most time so far."""
    workers = [psutil.Process(pid) for pid in pids(stack, "ocr_cpu")]
    return max(workers, key=lambda worker: seconds_used(busiest(worker.children(recursive=True))))


def busiest(processes: list[psutil.Process]) -> psutil.Process:
    return max(processes, key=seconds_used)


def seconds_used(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def pids(stack: Stack, kind: str) -> list[int]:
    return [process.pid for process in stack.processes(kind) if process.pid is not None]
