"""The one-machine stack by its command: starting, stopping, and what goes wrong on real machines.

Most of it is tried on the database and the supervisor alone, which start in a few seconds.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.stack import CHECKOUT, Stack

_NO_FLEET = ("--fronts", "0", "--cpu-workers", "0", "--export-workers", "0", "--chat-workers", "0")


class LocalStack:
    """The command on one state folder, without a fleet and, unless ``broker``, without RabbitMQ."""

    def __init__(self, state: Path, *, broker: bool = False) -> None:
        self.state = state
        unset = {"AMQP_URL", "AMQP_MANAGEMENT_URL", "MONGO_URL"}
        self.environment = {name: value for name, value in os.environ.items() if name not in unset}
        if not broker:
            self.environment["AMQP_URL"] = "amqp://nobody@127.0.0.1:1/nowhere"

    def run(self, command: str, *options: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "deploy.local", command, "--state", str(self.state), *_NO_FLEET, *options],
            cwd=CHECKOUT,
            env={**self.environment, **settings},
            capture_output=True,
            text=True,
            check=False,
            timeout=150,
        )

    def up(self, **settings: str) -> None:
        done = self.run("up", **settings)
        assert done.returncode == 0, done.stderr

    def status(self) -> dict[str, Any]:
        status: dict[str, Any] = json.loads(self.run("status", "--json").stdout)
        return status

    def pids(self) -> dict[str, int]:
        return {process["name"]: process["pid"] for process in self.status()["processes"]}

    def ports(self) -> dict[str, int]:
        ports: dict[str, int] = json.loads((self.state / "ports").read_text())
        return ports

    def supervisor_pid(self) -> int:
        return int((self.state / "supervisord.pid").read_text())

    def processes(self) -> list[psutil.Process]:
        """Everything that runs out of this folder."""
        return [
            process
            for process in psutil.process_iter(["cmdline", "environ"])
            if str(self.state)
            in " ".join([*(process.info["cmdline"] or ()), *(process.info["environ"] or {}).values()])
            and process.status() != psutil.STATUS_ZOMBIE
        ]


@pytest.fixture(scope="module")
def stack(hasty_stack: Stack) -> Stack:
    return hasty_stack


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    stack = LocalStack(tmp_path_factory.mktemp("local"))
    yield stack
    assert stack.run("down", "--now").returncode == 0


def test_starting_twice_changes_nothing(local: LocalStack) -> None:
    local.up()
    before = local.pids()
    local.up()
    assert local.pids() == before


def test_stopping_leaves_no_process_and_may_be_repeated(local: LocalStack) -> None:
    local.up()
    assert local.processes()
    assert local.run("down").returncode == 0
    assert local.processes() == []
    assert local.run("down").returncode == 0
    assert local.run("status").returncode == 3


def test_a_process_that_dies_comes_back(local: LocalStack) -> None:
    local.up()
    killed = local.pids()["secantus"]
    os.kill(killed, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(killed)] if psutil.pid_exists(killed) else [], timeout=10)
    deadline = time.monotonic() + 20
    while local.pids()["secantus"] in (None, killed):
        assert time.monotonic() < deadline
    assert local.pids()["secantus"]


def test_what_a_killed_supervisor_left_behind_is_cleared_away(local: LocalStack) -> None:
    local.up()
    orphan = local.pids()["secantus"]
    os.kill(local.supervisor_pid(), signal.SIGKILL)
    local.up()
    assert local.pids()["secantus"] != orphan
    assert orphan not in [process.pid for process in local.processes()]


def test_a_pid_file_of_another_process_confuses_nobody(local: LocalStack) -> None:
    """As after a crash of the machine: the files are there, and the pid is somebody else's by now."""
    local.up()
    local.run("down", "--now")
    (local.state / "supervisord.pid").write_text(f"{os.getpid()}\n")
    assert local.run("status").returncode == 3
    local.up()
    assert local.run("down").returncode == 0


def test_a_taken_port_is_named_with_the_setting_that_helps(local: LocalStack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        refused = local.run("up", MONGO_PORT=str(port))
    assert refused.returncode == 1
    assert f"port {port}" in refused.stderr
    assert "MONGO_PORT" in refused.stderr


def test_a_setting_that_is_no_port_is_named(local: LocalStack) -> None:
    refused = local.run("up", FRONT_PORT="eighty")
    assert refused.returncode == 1
    assert "FRONT_PORT" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_settings_can_be_sourced_and_do_not_count_as_from_outside(local: LocalStack) -> None:
    local.up()
    command = f". {local.state}/env; printenv MONGO_URL"
    mongo_url = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert mongo_url == local.status()["endpoints"]["mongo_url"]
    before = local.pids()
    local.up(MONGO_URL=mongo_url)
    assert local.pids() == before


def test_nobody_else_may_look_into_the_folder(local: LocalStack) -> None:
    local.up()
    assert local.state.stat().st_mode & 0o077 == 0
    assert [path.name for path in local.state.glob("env") if path.stat().st_mode & 0o077] == []


def test_another_stack_does_not_work_on_the_database_of_a_sourced_one(
    local: LocalStack, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As when tests are run from a shell that sourced the settings of a stack in use."""
    local.up()
    in_use = local.status()["endpoints"]["mongo_url"]
    other = LocalStack(tmp_path_factory.mktemp("other"))
    try:
        other.up(MONGO_URL=in_use)
        assert other.status()["endpoints"]["mongo_url"] != in_use
    finally:
        assert other.run("down", "--now").returncode == 0


def test_two_stacks_run_side_by_side(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = LocalStack(tmp_path_factory.mktemp("other"), broker=True)
    try:
        other.up()
        listening = {
            connection.laddr
            for process in other.processes()
            for connection in process.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
        }
        assert set(other.ports().values()) <= {address.port for address in listening}
        assert {address.ip for address in listening} <= {"127.0.0.1", "::1"}
        stack.wait_until_whole()
    finally:
        assert other.run("down", "--now").returncode == 0
    assert other.processes() == []
