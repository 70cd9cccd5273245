"""The broker of a stack from an operator's side: its process, its commands, its HTTP interface."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import psutil
import requests

from tests.stack import Stack

_VHOST = "ocr"
_LIMIT_S = 30
_RABBITMQCTL = "/usr/lib/rabbitmq/bin/rabbitmqctl"


class Node:
    """Each fault is taken back even where causing it seemed to fail: an answer too late is one, too."""

    def __init__(self, stack: Stack) -> None:
        [process] = stack.processes("rabbitmq")
        self._process = psutil.Process(process.pid)
        login = urlsplit(stack.amqp_url)
        self._login = (login.username or "", login.password or "")
        self._api = f"http://127.0.0.1:{process.ports['amqp-management']}/api"

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """As a machine that hangs: connections stay open, and nothing is answered."""
        try:
            self._process.send_signal(signal.SIGSTOP)
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    @contextmanager
    def short_of_memory(self) -> Iterator[None]:
        """In a memory alarm, in which it reads nothing more from whoever publishes."""
        try:
            self._ctl("set_vm_memory_high_watermark", "0.00001")
            yield
        finally:
            self._ctl("set_vm_memory_high_watermark", "absolute", "1GiB")

    @contextmanager
    def delivery_limit(self, limit: int) -> Iterator[None]:
        """A task that comes back for more than ``limit`` times is given to the dead letters."""
        policy = self._ask("GET", f"policies/{_VHOST}/tasks")
        changed = {**policy, "definition": {**policy["definition"], "delivery-limit": limit}}
        try:
            self._ask("PUT", f"policies/{_VHOST}/tasks", json=changed)
            yield
        finally:
            self._ask("PUT", f"policies/{_VHOST}/tasks", json=policy)

    def take(self, queue: str) -> list[dict[str, Any]]:
        """The messages that wait in ``queue``, which are gone from it then."""
        order = {"count": 100, "ackmode": "ack_requeue_false", "encoding": "auto"}
        messages: list[dict[str, Any]] = self._ask("POST", f"queues/{_VHOST}/{quote(queue)}/get", json=order)
        return messages

    def dead_letters(self) -> list[dict[str, Any]]:
        """Every message that nobody could handle; each goes back to where it was."""
        order = {"count": 1000, "ackmode": "ack_requeue_true", "encoding": "auto"}
        names = [one["name"] for one in self._ask("GET", f"queues/{_VHOST}") if one["name"].endswith(".dead")]
        return [
            letter
            for name in names
            for letter in self._ask("POST", f"queues/{_VHOST}/{quote(name)}/get", json=order)
        ]

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        answer = requests.request(
            method, f"{self._api}/{path}", auth=self._login, timeout=_LIMIT_S, **options
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def _ctl(self, *arguments: str) -> None:
        environment = {**os.environ, **self._process.environ()}
        done = subprocess.run(
            [_RABBITMQCTL, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=_LIMIT_S,
        )
        assert done.returncode == 0, done.stdout + done.stderr
