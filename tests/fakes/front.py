"""The HTTP layer on a port of its own, in a thread, so that ordinary clients can talk to it."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from front.http import server
from front.http.application import make_application
from front.services.spool import Spool
from front.settings import FrontSettings
from tests.fakes.services import PAID, FakeServices

API = "/api/v1/ocr/"
_LIMIT_S = 20


@dataclass
class Front:
    settings: FrontSettings
    services: FakeServices = field(init=False)
    port: int = field(init=False)
    stopping: asyncio.Event = field(init=False)
    is_listening: threading.Event = field(default_factory=threading.Event)
    is_drained: threading.Event = field(default_factory=threading.Event)
    _loop: asyncio.AbstractEventLoop = field(init=False)

    async def serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.services = FakeServices()
        self.stopping = asyncio.Event()
        application = make_application(
            self.services.all(self.settings),
            self.settings,
            self.stopping,
            Spool(self.settings.spool_dir, self.settings.spool_max_mb * 1024 * 1024),
        )
        running = server.start(application, self.settings)
        self.port = running.port
        self.is_listening.set()
        await self.stopping.wait()
        await running.drain(self.settings.drain_s)
        self.is_drained.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def in_loop(self, action: Callable[[], object]) -> None:
        """Have ``action`` called where the server runs."""
        self._loop.call_soon_threadsafe(action)

    def wait_for(self, event: asyncio.Event) -> None:
        asyncio.run_coroutine_threadsafe(event.wait(), self._loop).result(_LIMIT_S)

    def spooled(self) -> list[Path]:
        return list(self.settings.spool_dir.iterdir())

    def ask(self, method: str, path: str, token: str | None = PAID, **options: Any) -> requests.Response:
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **options.pop("headers", {})}
        return requests.request(method, self.url + path, headers=headers, **{"timeout": _LIMIT_S, **options})

    def get(self, path: str, token: str | None = PAID, **options: Any) -> requests.Response:
        return self.ask("GET", path, token, **options)

    def submit(self, token: str | None = PAID, **options: Any) -> requests.Response:
        """Posts a small file, unless told otherwise."""
        return self.ask("POST", API, token, **{"files": {"file": ("a.png", b"pixels")}, **options})

    def socket(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), _LIMIT_S)


@contextlib.contextmanager
def running_front(settings: FrontSettings) -> Iterator[Front]:
    front = Front(settings)
    thread = threading.Thread(target=lambda: asyncio.run(front.serve()))
    thread.start()
    assert front.is_listening.wait(_LIMIT_S)
    try:
        yield front
    finally:
        with contextlib.suppress(RuntimeError):  # the test has stopped it already
            front.in_loop(front.stopping.set)
        thread.join(_LIMIT_S)
        assert not thread.is_alive()


def eventually(condition: Callable[[], bool]) -> bool:
    """Whether ``condition`` comes true before long; for what no one announces."""
    deadline = time.monotonic() + _LIMIT_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
