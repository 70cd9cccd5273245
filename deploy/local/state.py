"""The folder that holds everything a stack writes: one folder, one stack."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import StackError

# A unix socket's path has at most 107 bytes; supervisord first binds it with ".<pid>" behind it.
_LONGEST_SOCKET_PATH = 107 - len(".4194304")


@dataclass(frozen=True, slots=True)
class StateFolder:
    """``root`` is absolute; nobody but its owner may look into it."""

    root: Path

    @classmethod
    def at(cls, path: Path) -> "StateFolder":
        folder = cls(path.absolute())
        if "%" in str(folder.root):
            raise StackError(f"supervisord cannot work in {folder.root}: its path has a percent sign")
        if len(os.fsencode(folder.socket)) > _LONGEST_SOCKET_PATH:
            raise StackError(
                f"the path {folder.root} is too long for a unix socket: name a shorter one with --state"
            )
        folder.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.root.stat().st_uid != os.getuid():
            raise StackError(f"the folder {folder.root} belongs to another user; work as that one")
        folder.root.chmod(0o700)
        return folder

    @property
    def identity(self) -> str:
        """Tells this folder's processes from those of every other on the machine."""
        return hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]

    @property
    def socket(self) -> Path:
        return self.root / "supervisor.sock"

    @property
    def environment(self) -> Path:
        return self.root / "env"

    @property
    def logs(self) -> Path:
        return self.folder("log")

    def log(self, program: str) -> Path:
        return self.logs / f"{program}.log"

    def folder(self, name: str) -> Path:
        """A folder of that name in here, made when it is missing."""
        path = self.root / name
        path.mkdir(mode=0o700, exist_ok=True)
        return path

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Holds off whoever else starts or stops this stack at the same time."""
        with (self.root / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def write_private(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a whole file at once, for its owner alone."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.chmod(mode)
    draft.replace(path)
