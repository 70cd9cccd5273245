"""Which ports the stack listens on: asked for, remembered or found free, and then always the same."""

import json
import socket
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from deploy.local.errors import StackError
from deploy.local.state import write_private

HOST = "127.0.0.1"

# Below what Linux hands out to outgoing connections (32768), so that nothing else drifts in there.
_FIRST, _LAST = 18_000, 31_999


_METRICS = "-metrics"


def metrics_port(program: str) -> str:
    """The name of the port on which a program of the fleet tells its metrics."""
    return program + _METRICS


class Ports:
    """Ports by the name of what listens there. ``file`` remembers them from one start to the next."""

    def __init__(self, file: Path, asked: Mapping[str, int]) -> None:
        self._file = file
        self._asked = asked
        self._remembered: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
        self._chosen: dict[str, int] = {**self._remembered, **asked}

    def __getitem__(self, name: str) -> int:
        if name not in self._chosen:
            self._chosen[name] = self._find_free()
        return self._chosen[name]

    def known(self, names: Iterable[str]) -> dict[str, int]:
        """Those of ``names`` that have a port already."""
        return {name: self._chosen[name] for name in names if name in self._chosen}

    def moved(self, name: str) -> bool:
        """Whether ``name`` is to listen elsewhere than it did at the last start."""
        return self._remembered.get(name) != self[name]

    def save(self) -> None:
        if self._chosen != self._remembered:
            write_private(self._file, json.dumps(self._chosen, indent=1) + "\n")

    def require_free(self, names: Iterable[str]) -> None:
        """Raises StackError for a port that another program has, or that two of ours would share."""
        for name in names:
            port = self[name]
            sharers = sorted(other for other, taken in self._chosen.items() if taken == port)
            if len(sharers) > 1:
                raise StackError(f"{' and '.join(sharers)} cannot share port {port}")
            if not _is_free(port):
                raise StackError(
                    f"port {port}, which {name} needs, is taken by another program. {self._way_out(name)}"
                )

    def _way_out(self, name: str) -> str:
        if name.endswith(_METRICS):
            return f"End that program, or delete {self._file} to have all ports picked anew."
        variable = "FRONT_PORT" if name == "front-1" else f"{name.upper().replace('-', '_')}_PORT"
        if name in self._asked:
            return f"Set {variable} to another one, or unset it."
        return f"End that program, set {variable}, or delete {self._file} to have all ports picked anew."

    def _find_free(self) -> int:
        size = _LAST - _FIRST + 1
        # Each state folder looks from another place on, so that stacks that are down keep apart too.
        start = zlib.crc32(str(self._file).encode()) % size
        for step in range(size):
            port = _FIRST + (start + step) % size
            if port not in self._chosen.values() and _is_free(port):
                return port
        raise StackError(f"no port between {_FIRST} and {_LAST} is free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: connections that are still fading away do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            raise StackError(f"port {port} may be used by root alone: choose one above 1023") from None
        except OSError:
            return False
    return True
