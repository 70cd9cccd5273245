"""supervisord (http://supervisord.org): its configuration, and talking to it."""

import contextlib
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from deploy.local import processes
from deploy.local.errors import StackError
from deploy.local.program import Program
from deploy.local.state import StateFolder, write_private

_START_LIMIT_S = 15
_SHUTDOWN_LIMIT_S = 120
_POLL_S = 0.1
_OPEN_FILES = 4096

_GENERAL = """\
[unix_http_server]
file = {socket}
chmod = 0700

[supervisord]
directory = {directory}
logfile = {log}
logfile_maxbytes = 5MB
logfile_backups = 1
pidfile = {pid}
childlogdir = {logs}
umask = 077
minfds = {open_files}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl = unix://{socket}
"""

_PROGRAM = """
[program:{name}]
command = {command}
environment = {environment}
priority = {rank}
startsecs = 1
startretries = 5
autorestart = true
stopsignal = TERM
stopwaitsecs = {stop_wait_s}
killasgroup = true
redirect_stderr = true
stdout_logfile = {log}
stdout_logfile_maxbytes = 5MB
stdout_logfile_backups = 2
"""


@dataclass(frozen=True, slots=True)
class Process:
    """``state`` is supervisord's word; ``pid`` is None unless the process is there."""

    name: str
    state: str
    pid: int | None

    @property
    def is_up(self) -> bool:
        """Whether it has been running for longer than a failing start takes."""
        return self.state == "RUNNING"

    @property
    def is_stopped(self) -> bool:
        """Whether it was told to stop, and has. Without a pid it may be about to start again."""
        return self.state == "STOPPED"

    @property
    def is_given_up(self) -> bool:
        """Whether supervisord stopped trying."""
        return self.state == "FATAL"


class Supervisor:
    """The supervisord of one state folder; it need not be running."""

    def __init__(self, folder: StateFolder) -> None:
        self._folder = folder
        self._log = folder.log("supervisord")
        self.configuration = folder.root / "supervisord.conf"

    def is_running(self) -> bool:
        return self._pid() is not None

    def processes(self) -> list[Process]:
        """Every process, front-2 before front-10. Empty when supervisord is not running."""
        if not self.is_running():
            return []
        rows = self._call("getAllProcessInfo")
        found = (Process(row["name"], row["statename"], row["pid"] or None) for row in rows)
        return sorted(found, key=lambda process: (len(process.name), process.name))

    def run(self, programs: Iterable[Program], environment: Mapping[str, str]) -> None:
        """Have just these programs running: start what is not, restart what changed, stop the rest.

        ``environment`` is for supervisord itself, and so for all of them, from its start on.
        """
        self.write(programs)
        if self.is_running():
            self._update()
            self._call("startAllProcesses", False)
        else:
            self._start(environment)

    def write(self, programs: Iterable[Program]) -> None:
        """Write the configuration; raises StackError for a value that it cannot express."""
        write_private(self.configuration, self._render(programs))

    def stop(self, names: Iterable[str]) -> None:
        """Stop these programs all at once, and wait until they are gone. They stay stopped."""
        names = set(names)
        for name in names:
            with contextlib.suppress(Fault):  # it is not running
                self._call("stopProcess", name, False)
        while any(process.pid for process in self.processes() if process.name in names):
            time.sleep(_POLL_S)

    def shut_down(self) -> None:
        """Stop every program, last ranks first, and supervisord itself; wait until it is gone."""
        pid = self._pid()
        if pid is None:
            return
        with contextlib.suppress(Fault):  # it is shutting down already
            self._call("shutdown")
        deadline = time.monotonic() + _SHUTDOWN_LIMIT_S
        while processes.is_alive(pid) and time.monotonic() < deadline:
            time.sleep(_POLL_S)

    def _pid(self) -> int | None:
        try:
            return int(self._call("getPID"))
        except (OSError, HTTPException):
            return None

    def _start(self, environment: Mapping[str, str]) -> None:
        command = (sys.executable, "-m", "supervisor.supervisord", "-c", str(self.configuration))
        started = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        deadline = time.monotonic() + _START_LIMIT_S
        while not self.is_running():
            if started.returncode or time.monotonic() > deadline:
                said = (started.stdout + started.stderr).strip()
                raise StackError(f"supervisord did not start (see {self._log}). {said}")
            time.sleep(_POLL_S)

    def _update(self) -> None:
        """Let supervisord take over a changed configuration: only what changed is touched."""
        [[added, changed, removed]] = self._call("reloadConfig")
        for name in (*changed, *removed):
            self._call("stopProcessGroup", name)
            self._call("removeProcessGroup", name)
        for name in (*added, *changed):
            self._call("addProcessGroup", name)

    def _call(self, method: str, *arguments: object) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self._folder.socket}")
        with ServerProxy("http://127.0.0.1", transport=transport) as server:
            return getattr(server.supervisor, method)(*arguments)

    def _render(self, programs: Iterable[Program]) -> str:
        _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
        general = _GENERAL.format(
            socket=_escaped(self._folder.socket),
            directory=_escaped(Path.cwd()),
            log=_escaped(self._log),
            logs=_escaped(self._folder.logs),
            pid=_escaped(self._folder.root / "supervisord.pid"),
            open_files=_OPEN_FILES if most_files == resource.RLIM_INFINITY else min(_OPEN_FILES, most_files),
        )
        return general + "".join(self._render_program(program) for program in programs)

    def _render_program(self, program: Program) -> str:
        return _PROGRAM.format(
            name=program.name,
            command=_escaped(shlex.join(program.command)),
            environment=",".join(f"{name}={_quoted(value)}" for name, value in program.environment.items()),
            rank=program.rank,
            stop_wait_s=program.stop_wait_s,
            log=_escaped(self._folder.log(program.name)),
        )


def _escaped(value: object) -> str:
    """As a value of supervisord's configuration, in which "%" is special and " ;" begins a comment."""
    text = str(value)
    if any(mark in text for mark in ("\n", " ;", " #")):
        raise StackError(f"supervisord cannot take this: {text!r}. Choose other characters")
    return text.replace("%", "%%")


def _quoted(value: str) -> str:
    """As a value in an ``environment`` line."""
    mark = "'" if '"' in value else '"'
    if mark in value or value.strip("'\"") != value:
        raise StackError(f"supervisord cannot take the quotes in this setting: {value!r}")
    return f"{mark}{_escaped(value)}{mark}"
