"""SecantusDB: a server of the MongoDB protocol, as a process of its own (GPL-2.0: never imported)."""

import shutil
import subprocess
import sys
from pathlib import Path

import pymongo
from pymongo.errors import PyMongoError

from deploy.local.credentials import OWN_USER_PREFIX, Credentials
from deploy.local.errors import StackError
from deploy.local.ports import HOST, Ports
from deploy.local.program import Program
from deploy.local.state import write_private

_USER = f"{OWN_USER_PREFIX}fleet"
_START_LIMIT_S = 20
_STOP_LIMIT_S = 20

# Of WiredTiger, in percent of the cache. From a target on, threads of its own write out and let go:
# low, so that the process stays small. From a trigger on, a request has to wait for that, and may then
# hold the lock that every other request needs to let go of what it reads: nothing moves any more.
# High, so that it never comes to that. https://source.wiredtiger.com/mongodb-6.0/tune_cache.html
_CACHE_SIZE = "512M"
_EVICTION = (
    "eviction_target=10,eviction_trigger=98,"
    "eviction_dirty_target=2,eviction_dirty_trigger=90,"
    "eviction_updates_target=2,eviction_updates_trigger=90"
)


class Store:
    """One server that keeps everything in ``home``."""

    PORTS = ("mongo",)

    def __init__(self, home: Path, ports: Ports, credentials: Credentials) -> None:
        self._home = home
        self._ports = ports
        self._password = credentials.store

    @property
    def url(self) -> str:
        return f"mongodb://{_USER}:{self._password}@{HOST}:{self._ports['mongo']}/"

    def prepare(self) -> Program:
        """Write the server's files; the program to run it."""
        # An empty configuration: none is looked for elsewhere then.
        write_private(self._home / "secantusd.toml", "")
        self._configure_engine()
        return Program(
            name="secantus",
            command=(*self._command(), "--auth"),
            environment={"HOME": str(self._home)},
            rank=10,
            stop_wait_s=_STOP_LIMIT_S,
            ports=self.PORTS,
        )

    def make_user(self) -> None:
        """Once, before the first start: the server lets users be made while it asks for no password."""
        done = self._home / "user-made"
        if done.exists():
            return
        shutil.rmtree(self._home / "data", ignore_errors=True)
        self._configure_engine()
        with subprocess.Popen(
            self._command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as server:
            try:
                self._create_user()
            finally:
                # Nothing to wind up: what it acknowledged is on the disk.
                server.kill()
        write_private(done, "")

    def _configure_engine(self) -> None:
        """The file that WiredTiger reads from its folder beside what it is called with."""
        data = self._home / "data"
        data.mkdir(parents=True, exist_ok=True)
        (data / "WiredTiger.config").write_text(f"{_EVICTION}\n")

    def _command(self) -> tuple[str, ...]:
        return (
            str(Path(sys.executable).with_name("secantusd-py")),
            *("--config", str(self._home / "secantusd.toml")),
            *("--host", HOST, "--port", str(self._ports["mongo"])),
            *("--storage-path", str(self._home / "data"), "--sync-on-commit"),
            *("--cache-size", _CACHE_SIZE),
            # The log of changes is for followers, and there are none.
            *("--oplog-retention-seconds", "60"),
            *("--log-level", "WARNING"),
        )

    def _create_user(self) -> None:
        url = f"mongodb://{HOST}:{self._ports['mongo']}/"
        try:
            with pymongo.MongoClient[dict[str, object]](
                url, serverSelectionTimeoutMS=_START_LIMIT_S * 1000
            ) as client:
                client.admin.command("createUser", _USER, pwd=self._password, roles=["root"])
        except PyMongoError as error:
            raise StackError(f"the database could not be set up: {error}") from error


def answers(url: str) -> bool:
    """Whether the MongoDB at ``url`` takes our name and password."""
    try:
        with pymongo.MongoClient[dict[str, object]](url, serverSelectionTimeoutMS=500) as client:
            client.admin.command("ping")
    except PyMongoError:
        return False
    return True
