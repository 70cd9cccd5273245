"""One stack: everything that runs out of one state folder."""

import os
import shlex
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from common.contracts.topology import Role
from deploy.local import processes
from deploy.local.demo_account import demo_token
from deploy.local.errors import StackError
from deploy.local.fleet import Size, fleet, fleet_settings, is_front, without_settings
from deploy.local.ports import HOST, Ports, metrics_port
from deploy.local.probe import http_status
from deploy.local.program import Program
from deploy.local.settings import StackSettings
from deploy.local.state import StateFolder, write_private
from deploy.local.supervisor import Supervisor
from deploy.local.systems import SYSTEM_PORTS, Systems

_READY_LIMIT_S = 120
_POLL_S = 0.1
_TELL_EVERY_S = 5
_MOST_STARTS = 4
_LOG_LINES = 15


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a stack answers. The AMQP and MongoDB URLs are an operator's: they may do everything."""

    ocr_urls: tuple[str, ...]
    ocr_token: str | None = field(repr=False)
    amqp_url: str = field(repr=False)
    amqp_management_url: str | None = field(repr=False)
    mongo_url: str = field(repr=False)

    def environment(self) -> dict[str, str]:
        """The same as environment variables, without those that have no value."""
        pairs = {
            "OCR_URL": self.ocr_urls[0] if self.ocr_urls else None,
            "OCR_TOKEN": self.ocr_token,
            "AMQP_URL": self.amqp_url,
            "AMQP_MANAGEMENT_URL": self.amqp_management_url,
            "MONGO_URL": self.mongo_url,
        }
        return {name: value for name, value in pairs.items() if value is not None}


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """``ports``: by the name of what listens there."""

    name: str
    state: str
    pid: int | None
    ports: dict[str, int]
    log: Path


class Stack:
    """The stack in one state folder.

    ``extra`` are environment variables for all processes of the fleet, such as limits that a test
    wants to be small.
    """

    def __init__(
        self,
        state: Path,
        size: Size | None = None,
        settings: StackSettings | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> None:
        settings = settings or StackSettings()
        self.folder = StateFolder.at(state)
        self.supervisor = Supervisor(self.folder)
        self._size = size or Size()
        self._extra = {**fleet_settings(os.environ), **(extra or {})}
        self._ports = Ports(self.folder.root / "ports", settings.asked_ports())
        self._systems = Systems(self.folder, self._ports, settings)

    def up(self, tell: Callable[[str], None] = lambda _: None) -> Endpoints:
        """Start what is not running or has other settings, and wait until all of it is ready.

        Quick when it is already. ``tell`` is given sentences for whoever waits long.
        """
        with self.folder.alone():
            programs = self._programs()
            self._clear_the_way(programs)
            self._ports.save()
            self._systems.set_up()
            mark = {processes.MARK: self.folder.identity}
            self.supervisor.run(programs, environment={**without_settings(os.environ), **mark})
            self._wait_until_ready(tell)
            self._make_demo_token()
            endpoints = self.endpoints()
            write_private(self.folder.environment, _assignments(endpoints.environment()))
            return endpoints

    def down(self) -> list[str]:
        """Stop everything: first the fleet, which may finish the pages at hand, then what it leans on.

        Returns the names of what was running.
        """
        with self.folder.alone():
            self.folder.environment.unlink(missing_ok=True)
            names = self._running()
            self.supervisor.stop(set(names) - SYSTEM_PORTS.keys())
            self.supervisor.stop(names)
            self.supervisor.shut_down()
            processes.end_stack(self.folder.identity)
            return names

    def kill(self) -> list[str]:
        """End everything at once, as a power cut would: for a stack whose data nobody needs.

        Returns the names of what was running.
        """
        with self.folder.alone():
            self.folder.environment.unlink(missing_ok=True)
            names = self._running()
            processes.kill_stack(self.folder.identity)
            return names

    def status(self) -> list[ProcessStatus]:
        """The stack's processes; none when it is down."""
        return [
            ProcessStatus(
                name=process.name,
                state=process.state,
                pid=process.pid,
                ports=self._ports.known(_port_names(process.name)),
                log=self.folder.log(process.name),
            )
            for process in self.supervisor.processes()
        ]

    def run_at_broker(self, command: Sequence[str]) -> int:
        """One of the commands that come with RabbitMQ, at the stack's own node; its exit code."""
        if not self.supervisor.is_running():
            raise StackError("The stack is down: 'make up' starts it.")
        return self._systems.run_at_broker(command)

    def endpoints(self) -> Endpoints:
        """Where the running stack answers."""
        fronts = (process.name for process in self.supervisor.processes() if is_front(process.name))
        return Endpoints(
            ocr_urls=tuple(self._url(name) for name in fronts),
            ocr_token=self._token_file.read_text().strip() if self._token_file.exists() else None,
            amqp_url=self._systems.amqp_url(Role.OPERATOR),
            amqp_management_url=self._systems.amqp_management_url,
            mongo_url=self._systems.mongo_url,
        )

    @property
    def _token_file(self) -> Path:
        return self.folder.root / "token"

    def _url(self, front: str) -> str:
        return f"http://{HOST}:{self._ports[front]}"

    def _programs(self) -> tuple[Program, ...]:
        members = fleet(self._size, self._systems, self.folder, self._ports, self._extra)
        return (*self._systems.prepare(), *members)

    def _clear_the_way(self, programs: Iterable[Program]) -> None:
        """End what a killed supervisor left behind; refuse when a port is somebody else's."""
        if not self.supervisor.is_running():
            processes.end_stack(self.folder.identity)
        running = {process.name for process in self.supervisor.processes() if process.pid}
        self._ports.require_free(
            name
            for program in programs
            for name in program.ports
            if program.name not in running or self._ports.moved(name)
        )

    def _running(self) -> list[str]:
        return [process.name for process in self.supervisor.processes() if not process.is_stopped]

    def _wait_until_ready(self, tell: Callable[[str], None]) -> None:
        begin = time.monotonic()
        told_at = begin
        pids: dict[str, set[int | None]] = defaultdict(set)
        while waited_for := list(self._unready(pids)):
            now = time.monotonic()
            if now > begin + _READY_LIMIT_S:
                raise StackError(self._complaint(waited_for))
            if now > told_at + _TELL_EVERY_S:
                told_at = now
                tell(" ".join((f"Waiting for {', '.join(waited_for)}.", *self._systems.absent_outside())))
            time.sleep(_POLL_S)

    def _unready(self, pids: dict[str, set[int | None]]) -> Iterator[str]:
        """What is not ready yet. ``pids`` gathers each program's, so that one that keeps dying is seen."""
        for process in self.supervisor.processes():
            pids[process.name].add(process.pid)
            if process.is_given_up or len(pids[process.name]) > _MOST_STARTS:
                raise StackError(f"{process.name} keeps dying. {self._log_end(process.name, _LOG_LINES)}")
            if not process.is_up:
                yield process.name
        yield from self._systems.silent()
        for url in self.endpoints().ocr_urls:
            if http_status(f"{url}/readyz") != 200:
                yield f"{url}/readyz"

    def _complaint(self, waited_for: Iterable[str]) -> str:
        ends = [self._log_end(process.name, 2) for process in self.supervisor.processes()]
        absent = self._systems.absent_outside()
        return "\n".join((f"not ready after {_READY_LIMIT_S} s: {', '.join(waited_for)}.", *absent, *ends))

    def _log_end(self, name: str, line_count: int) -> str:
        log = self.folder.log(name)
        lines = log.read_text(errors="replace").splitlines()[-line_count:] if log.exists() else []
        return "\n".join((f"The end of {log}:", *(f"  {line}" for line in lines)))

    def _make_demo_token(self) -> None:
        for url in self.endpoints().ocr_urls[:1]:
            demo_token(self._token_file, url, self._systems.mongo_url)


def _port_names(program: str) -> tuple[str, ...]:
    return SYSTEM_PORTS.get(program, (program, metrics_port(program)))


def _assignments(variables: Mapping[str, str]) -> str:
    """Lines that a shell can source, for itself and what it starts."""
    lines = [f"{name}={shlex.quote(value)}" for name, value in variables.items()]
    return "\n".join((*lines, f"export {' '.join(variables)}", ""))
