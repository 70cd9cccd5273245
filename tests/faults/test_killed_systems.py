"""kill -9 of the broker or the database in the middle of a job: callers are told, and the job still ends."""

import os
import signal

import pytest

from tests import files
from tests.client import Client, accepted
from tests.faults.long_job import LIMIT_S, begun_job, check_all_pages
from tests.pages import numbered_pages
from tests.stack import Stack

IMAGE = files.png(numbered_pages(1)[0].image)


@pytest.mark.parametrize("system", ["rabbitmq", "secantus"])
def test_a_system_is_killed_while_a_job_runs(stack: Stack, client: Client, system: str) -> None:
    job = begun_job(client)
    [process] = stack.processes(system)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    stack.wait_until_whole()
    job = client.finished(accepted(client.job(job["uuid"])), LIMIT_S)
    check_all_pages(job)
    stack.wait_until_whole()  # the first look may have been before a front saw that it was gone
    assert client.read(IMAGE, language="en")["status"] == "done"
