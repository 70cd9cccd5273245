"""A broker of three nodes on this machine, each a private one as ``make up`` starts it."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psutil
import requests

from common.contracts.topology import QUEUES, VHOST
from deploy.local.broker import Broker
from deploy.local.credentials import Credentials
from deploy.local.ports import HOST, Ports
from deploy.local.program import Program

NODES = ("one", "two", "three")
_START_LIMIT_S = 120
_POLL_S = 0.2
_ASK_LIMIT_S = 30
_RABBITMQ_QUEUES = "/usr/lib/rabbitmq/bin/rabbitmq-queues"
# A stack takes a broker from outside by another user than those of its own.
_USER, _PASSWORD = "cluster", "not-a-secret"
_CLUSTER = """\
cluster_partition_handling = pause_minority
queue_leader_locator = balanced
cluster_formation.peer_discovery_backend = classic_config
""" + "".join(
    f"cluster_formation.classic_config.nodes.{number} = {name}@localhost\n"
    for number, name in enumerate(NODES, start=1)
)


class Member:
    """One node; ``name`` is that before the @."""

    def __init__(self, name: str, folder: Path, epmd_port: int, credentials: Credentials) -> None:
        self.name = f"{name}@localhost"
        home = folder / name
        home.mkdir()
        self._ports = Ports(home / "ports", {"epmd": epmd_port} if epmd_port else {})
        self._log = home / "output"
        broker = Broker(home, self._ports, credentials)
        self.epmd, node = broker.prepare()
        self._program: Program = node
        self.environment = {**node.environment, "RABBITMQ_NODENAME": self.name}
        with (home / "rabbitmq.conf").open("a") as configuration:
            configuration.write(_CLUSTER)
        self._management = urlsplit(broker.management_url)
        self.is_ready: Callable[[], bool] = broker.is_ready
        self.amqp_port = self._ports["amqp"]
        self.management_port = self._ports["amqp-management"]
        self.epmd_port = self._ports["epmd"]
        self._process: psutil.Popen | None = None

    def start(self) -> None:
        """Until clients can connect."""
        self._process = _started(self._program, self.environment, self._log)
        deadline = time.monotonic() + _START_LIMIT_S
        while not self.is_ready():
            assert self._process.is_running() and time.monotonic() < deadline, self._log.read_text()[-3000:]
            time.sleep(_POLL_S)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.is_running()

    def kill(self) -> None:
        """As a machine that loses its power, at once and without a word."""
        if self._process is not None:
            everything = [self._process, *self._process.children(recursive=True)]
            for process in everything:
                with suppress(psutil.NoSuchProcess):  # its parent's death was its own
                    process.kill()
            psutil.wait_procs(everything, timeout=10)
            self._process = None

    def ask(self, method: str, path: str, **options: Any) -> Any:
        answer = requests.request(
            method,
            f"http://{self._management.hostname}:{self._management.port}/api/{path}",
            auth=(self._management.username or "", self._management.password or ""),
            timeout=_ASK_LIMIT_S,
            **options,
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None


class Cluster:
    def __init__(self, members: list[Member]) -> None:
        self._members = members

    @property
    def amqp_url(self) -> str:
        """An operator's, with every node."""
        hosts = ",".join(f"{HOST}:{member.amqp_port}" for member in self._members)
        return f"amqp://{_USER}:{_PASSWORD}@{hosts}/{VHOST}"

    @property
    def management_url(self) -> str:
        """The first node's, which answers for all while it runs."""
        return f"http://{_USER}:{_PASSWORD}@{HOST}:{self._members[0].management_port}"

    def form(self) -> None:
        """The first node makes the queues, alone; the others join, and get members of all of them."""
        first, *others = self._members
        first.start()
        with ThreadPoolExecutor(len(others)) as pool:
            list(pool.map(Member.start, others))
        self._any().ask("PUT", f"users/{_USER}", json={"password": _PASSWORD, "tags": "administrator"})
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        self._any().ask("PUT", f"permissions/{VHOST}/{_USER}", json=everything)
        for member in others:
            self._queues("grow", member.name, "all")
        self._queues("rebalance", "quorum")

    def members_of(self, queue: str) -> set[str]:
        told: list[str] = self._any().ask("GET", f"queues/{VHOST}/{quote(queue)}").get("members", [])
        return set(told)

    def nodes_of_connections(self) -> set[str]:
        return {connection["node"] for connection in self._any().ask("GET", "connections")}

    def leader_of(self, queue: str) -> Member:
        leader = self._any().ask("GET", f"queues/{VHOST}/{quote(queue)}")["leader"]
        return next(member for member in self._members if member.name == leader)

    def wait_until_whole(self) -> None:
        """Until every node runs, and all members of every queue are there."""
        deadline = time.monotonic() + _START_LIMIT_S
        while not all(len(self._online(queue.name)) == len(NODES) for queue in QUEUES):
            assert time.monotonic() < deadline, "some queue lacks a member"
            time.sleep(_POLL_S)

    def kill(self) -> None:
        for member in self._members:
            member.kill()

    def _online(self, queue: str) -> list[str]:
        told: list[str] = self._any().ask("GET", f"queues/{VHOST}/{quote(queue)}").get("online", [])
        return told

    def _any(self) -> Member:
        return next(member for member in self._members if member.is_running)

    def _queues(self, *command: str) -> None:
        """As an operator types it."""
        member = self._any()
        done = subprocess.run(
            [_RABBITMQ_QUEUES, "-n", member.name, *command],
            env={**os.environ, **member.environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=_START_LIMIT_S,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """Three nodes, killed at the end."""
    credentials = Credentials()
    members: list[Member] = []
    for name in NODES:
        epmd_port = members[0].epmd_port if members else 0
        members.append(Member(name, folder, epmd_port, credentials))
    cluster = Cluster(members)
    names = _started(members[0].epmd, members[0].epmd.environment, folder / "epmd")
    try:
        cluster.form()
        yield cluster
    finally:
        cluster.kill()
        names.kill()
        names.wait(10)


def _started(program: Program, environment: Mapping[str, str], log: Path) -> psutil.Popen:
    with log.open("ab") as output:
        return psutil.Popen(
            program.command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
