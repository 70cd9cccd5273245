"""A running service to test against: driven by its commands and looked at from outside.

What tests ask for all the time runs in this process: a command spends a second on starting Python.
"""

import io
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import psutil
import requests

from deploy.local import stack as local
from deploy.local.fleet import without_model_settings
from deploy.local.stack import ProcessStatus
from front.admin import __main__ as admin_command
from tests.client import Client

CHECKOUT = Path(__file__).resolve().parents[1]
_COMMAND_LIMIT_S = 180
_POLL_S = 0.1
# All tests come from one address, some of them try out many wrong tokens, and most ask as fast as they can:
# those that are about limits have plans of their own.
_LIMITS = re.compile(r"^(requests_per_minute|max_active_jobs) = [0-9_]+$", re.MULTILINE)
_NARROW_PLANS = """
[plans.few-jobs]
max_pages = 100
max_bytes = 10_485_760
allowance = { credits = 10_000, period = "month" }
max_active_jobs = 3
requests_per_minute = 10_000
questions_per_minute = 100

[plans.few-requests]
max_pages = 5
max_bytes = 10_485_760
allowance = { credits = 100, period = "month" }
max_active_jobs = 100
requests_per_minute = 6
questions_per_minute = 2

[plans.last]
max_pages = 100
max_bytes = 10_485_760
allowance = { credits = 10_000, period = "month" }
max_active_jobs = 100
requests_per_minute = 10_000
questions_per_minute = 100
queue_depth_limit = 0
"""
_GENEROUS = {"FRONT_REQUESTS_PER_ADDRESS": "100000", "FRONT_WRONG_TOKENS_PER_ADDRESS": "100000"}
# Not by the number of cores: what goes wrong while pages are read has to find some that are not yet.
_CPU_WORKERS = "2"


@dataclass(frozen=True, slots=True)
class Stack:
    """The one-machine stack in a state folder, with the ``urls`` of all its fronts in their order.

    The AMQP and MongoDB URLs are an operator's; ``chance`` chooses the front for each request.
    """

    state: Path
    urls: tuple[str, ...]
    amqp_url: str
    amqp_management_url: str
    mongo_url: str
    chance: random.Random

    @property
    def url(self) -> str:
        """Of any front: each look may find another."""
        return self.chance.choice(self.urls)

    def client(self, token: str | None) -> Client:
        return Client(self.urls, token, chance=self.chance)

    def account(self, name: str, plan: str = "paid", credits: int = 1_000_000) -> str:
        """Make an account, with ``credits`` where they are bought; the token of it."""
        self.admin("account", "create", name, "--plan", plan)
        if plan == "paid" and credits:
            self.admin("account", "topup", name, str(credits))
        return self.token(name)

    def token(self, account: str) -> str:
        return self.admin("token", "create", account).splitlines()[-1].strip()

    @property
    def plans(self) -> Path:
        """The file of its plans."""
        return _plans_file(self.state)

    def admin(self, *arguments: str, plans: Path | None = None, exit_code: int = 0) -> str:
        """What the administrator's command answers; with other ``plans`` than the stack has, where given."""
        environment = {
            "MONGO_URL": self.mongo_url,
            "AMQP_URL": self.amqp_url,
            "AMQP_MANAGEMENT_URL": self.amqp_management_url,
            "OCR_PLANS_FILE": str(plans or self.plans),
        }
        with patch.dict(os.environ, environment), redirect_stdout(io.StringIO()) as said:
            assert admin_command.main(arguments) == exit_code, said.getvalue()
        return said.getvalue()

    def processes(self, kind: str = "") -> list[ProcessStatus]:
        """Those whose name begins with ``kind``."""
        return [process for process in local.Stack(self.state).status() if process.name.startswith(kind)]

    @contextmanager
    def without(self, name: str) -> Iterator[None]:
        """One process stopped, orderly, and started again at the end."""
        self._supervise("stop", name)
        try:
            yield
        finally:
            self._supervise("start", name)
            self.wait_until_whole()

    def wait_until_whole(self, limit_s: float = 60) -> None:
        """Until every process runs and the service says that it is ready."""
        deadline = time.monotonic() + limit_s
        while absent := self._absent():
            assert time.monotonic() < deadline, f"after {limit_s} s: {', '.join(absent)}"
            time.sleep(_POLL_S)

    def _supervise(self, *command: str) -> None:
        configuration = local.Stack(self.state).supervisor.configuration
        _run("supervisor.supervisorctl", "-c", str(configuration), *command)

    def _absent(self) -> list[str]:
        absent = [f"{process.name} is {process.state}" for process in self.processes() if not process.pid]
        absent += [f"{url} is not ready" for url in self.urls if not _is_ready(url)]
        return absent


@contextmanager
def running_stack(
    state: Path,
    *,
    keep: bool = False,
    fronts: int = 2,
    seed: int | None = None,
    settings: Mapping[str, str] | None = None,
    answers_cost: int = 0,
) -> Iterator[Stack]:
    """The stack in that folder, started when it is not running; killed at the end unless ``keep``.

    Of several ``fronts`` each request may come to another than the last, by ``seed``. ``settings``
    are environment variables of the fleet: without a model's among them it has none, whatever the
    environment says. A chat's answer costs so many credits.
    """
    all_settings = {**_GENEROUS, "OCR_PLANS_FILE": str(_plans_file(state)), **(settings or {})}
    assignments = [f"--set={name}={value}" for name, value in all_settings.items()]
    _plans_file(state).write_text(_plans(answers_cost))
    try:
        size = ("--fronts", str(fronts), "--cpu-workers", _CPU_WORKERS)
        _run("deploy.local", "up", "--state", str(state), *size, *assignments)
        found = local.Stack(state).endpoints()
        yield Stack(
            state,
            found.ocr_urls,
            found.amqp_url,
            found.amqp_management_url or "",
            found.mongo_url,
            random.Random(seed),
        )
    finally:
        if not keep:
            _run("deploy.local", "down", "--now", "--state", str(state))


@dataclass(frozen=True, slots=True)
class Engines:
    """A broker and a database without a fleet that works on them; the URLs are an operator's.

    ``management_url`` is None for a broker from outside whose AMQP_MANAGEMENT_URL is not set.
    """

    amqp_url: str
    mongo_url: str
    management_url: str | None


@contextmanager
def running_engines(state: Path) -> Iterator[Engines]:
    """A stack without front and workers, killed at the end."""
    try:
        size = ("--fronts", "0", "--cpu-workers", "0", "--export-workers", "0", "--chat-workers", "0")
        _run("deploy.local", "up", "--state", str(state), *size)
        found = local.Stack(state).endpoints()
        yield Engines(found.amqp_url, found.mongo_url, found.amqp_management_url)
    finally:
        _run("deploy.local", "down", "--now", "--state", str(state))


def _plans_file(state: Path) -> Path:
    return state.with_name(f"{state.name}-plans.toml")


def _plans(answers_cost: int) -> str:
    """As they are shipped, but for how much at once; and some of which there is little at once."""
    shipped = (CHECKOUT / "deploy" / "plans.toml").read_text()
    priced, count = re.subn(r"^chat = 0\b", f"chat = {answers_cost}", shipped, flags=re.MULTILINE)
    assert count == 1
    return _LIMITS.sub(r"\1 = 100_000", priced) + _NARROW_PLANS


def kill_stacks(folder: Path) -> None:
    """Every process of a stack whose state is somewhere in ``folder``, and whoever is just starting one."""
    while found := [
        process for process in psutil.process_iter(["cmdline", "environ"]) if _knows(process, folder)
    ]:
        for process in found:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(found, timeout=5)


def _knows(process: psutil.Process, folder: Path) -> bool:
    """Whether the folder is named in what the process was started with."""
    told = [*(process.info["cmdline"] or ()), *(process.info["environ"] or {}).values()]
    return process.pid != os.getpid() and any(f"{folder}/" in text for text in told)


def _is_ready(url: str) -> bool:
    try:
        return requests.get(f"{url}/readyz", timeout=10).status_code == 200
    except (requests.ConnectionError, requests.Timeout):
        return False


def _run(module: str, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=CHECKOUT,
        env=without_model_settings(os.environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=_COMMAND_LIMIT_S,
    )
    assert done.returncode == 0, f"{module} {' '.join(arguments)}: {done.stdout}{done.stderr}"
