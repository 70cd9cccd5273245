"""The broker and the database that a stack leans on: its own, or from outside."""

import socket
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from common.contracts.topology import Role
from deploy.local.broker import Broker
from deploy.local.credentials import OWN_USER_PREFIX, Credentials
from deploy.local.errors import StackError
from deploy.local.ports import Ports
from deploy.local.program import Program
from deploy.local.settings import StackSettings
from deploy.local.state import StateFolder
from deploy.local.store import Store, answers

# Every program that the fleet leans on, with the names of the ports it listens on.
SYSTEM_PORTS = {"epmd": Broker.EPMD_PORTS, "rabbitmq": Broker.PORTS, "secantus": Store.PORTS}

_LOOK_S = 2


class Systems:
    """AMQP_URL and MONGO_URL from outside stand for themselves; what is missing is started here."""

    def __init__(self, folder: StateFolder, ports: Ports, settings: StackSettings) -> None:
        credentials = Credentials.kept_in(folder.root / "credentials")
        broker_url = _outside(settings.amqp_url)
        store_url = _outside(settings.mongo_url)
        self._broker = None if broker_url else Broker(folder.folder("rabbitmq"), ports, credentials)
        self._broker_url = broker_url or ""
        self._management_url = settings.amqp_management_url
        self._store = None if store_url else Store(folder.folder("secantus"), ports, credentials)
        self._store_url = store_url or ""

    def amqp_url(self, role: Role) -> str:
        """For a client in that role; a broker from outside is used by all as its one user."""
        return self._broker.amqp_url(role) if self._broker else self._broker_url

    @property
    def amqp_management_url(self) -> str | None:
        return self._broker.management_url if self._broker else self._management_url

    @property
    def mongo_url(self) -> str:
        return self._store.url if self._store else self._store_url

    def prepare(self) -> Iterator[Program]:
        """Write what our own ones need; the programs to run them."""
        if self._broker:
            yield from self._broker.prepare()
        if self._store:
            yield self._store.prepare()

    def run_at_broker(self, command: Sequence[str]) -> int:
        """Raises StackError where the broker is somebody else's."""
        if not self._broker:
            raise StackError("The broker is that of AMQP_URL: run its commands where it runs.")
        return self._broker.run(command)

    def set_up(self) -> None:
        """What must be done once before the first start; nothing later."""
        if self._store:
            self._store.make_user()

    def silent(self) -> Iterator[str]:
        """Names of those that do not answer yet."""
        if self._broker and not self._broker.is_ready():
            yield "the broker"
        if not answers(self.mongo_url):
            yield "the database"

    def absent_outside(self) -> Iterator[str]:
        """A sentence for each from outside at whose address nobody answers."""
        if not self._broker and not _listens(self._broker_url, default_port=5672):
            yield f"Nobody answers at {_place(self._broker_url)}, where AMQP_URL says that the broker is."
        if not self._store and not answers(self._store_url):
            yield f"No database answers at {_place(self._store_url)} with the login that MONGO_URL has."


def _place(url: str) -> str:
    """Without a user and password."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _listens(url: str, default_port: int) -> bool:
    """Whether anybody does, at any of the hosts that are named with commas between."""
    return any(_listens_at(host, default_port) for host in _place(url).split(","))


def _listens_at(host: str, default_port: int) -> bool:
    try:
        parts = urlsplit(f"//{host}")
        socket.create_connection((parts.hostname or "", parts.port or default_port), _LOOK_S).close()
    except (OSError, ValueError):
        return False
    return True


def _outside(url: str | None) -> str | None:
    """The URL unless it is of a one-machine stack, as in a shell that sourced the ``env`` of one.

    Else a stack for tests, started from that shell, would work on the broker and data of the other.
    """
    user = urlsplit(url).username if url else None
    return None if user and user.startswith(OWN_USER_PREFIX) else url
