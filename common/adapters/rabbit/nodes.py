"""The nodes of one broker: which of them a connection is tried at next."""

import random
from urllib.parse import urlsplit


class Nodes:
    """Of ``amqp://user:password@one:5672,two:5672/vhost``; with one host, that one for ever.

    They are gone through in turn, from any of them on, so that connections spread over all.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        login, at, hosts = parts.netloc.rpartition("@")
        self._urls = [parts._replace(netloc=f"{login}{at}{host}").geturl() for host in hosts.split(",")]
        self._tried = random.randrange(len(self._urls))

    def __len__(self) -> int:
        return len(self._urls)

    @property
    def current(self) -> str:
        return self._urls[self._tried % len(self._urls)]

    def move_on(self) -> str:
        """The URL of the next one, which is the current one then."""
        self._tried += 1
        return self.current
