"""Source files on the local disk, fetched once for all worker processes of a host.

Every lock here is a ``flock`` on an open file, so the kernel lifts it however a process ends:

- a blob file is locked shared while it is in use, and removed only under an exclusive lock;
- one of a few stripe files is locked exclusively while a blob is fetched into its ``.part`` file, so
  a partial file whose stripe is free was left behind by a dead process.
"""

import asyncio
import fcntl
import os
import re
import time
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote, unquote

from common import logs
from common.adapters.disk_space import tell_free_space
from common.errors import DiskUnavailable, SourceMissing, Unavailable
from common.ports import BlobStore
from common.private_folder import make_private, write_to

_STRIPES: Final = 64
_LOCK_POLL_S: Final = 0.02
_SWEEP_S: Final = 60.0
_PARTIAL: Final = ".part"
_BLOB: Final = ".blob"
# A blob's file is called as its key is, percent-encoded: a key has at least one slash. Former versions
# called it by 64 digits: such a one is looked up like a key that no blob has, and so removed.
_NAME: Final = re.compile(r"[\w.~%-]+%2F[\w.~%-]+|[0-9a-f]{64}", re.ASCII)
_LOOKED_UP_AT_ONCE: Final = 500

log = logs.get("blob_cache")


class BlobCache:
    """Holds at most ``max_bytes``, apart from what is in use; what was used last stays longest.

    ``folder`` belongs to the cache alone, shared by the processes of a host. A file is handed out only
    while its blob is still in the store, and is removed ``max_idle_s`` after its last use. What was deleted
    there does not live on here: every minute its copies are looked for, and removed once nobody uses them.
    """

    def __init__(self, store: BlobStore, folder: Path, *, max_bytes: int, max_idle_s: float = 900) -> None:
        self._store = store
        self._folder = folder
        self._max_bytes = max_bytes
        self._max_idle_s = max_idle_s
        make_private(folder)

    @asynccontextmanager
    async def use(self, key: str) -> AsyncIterator[Path]:
        """The blob as a local file, which stays for as long as the context is open.

        Raises SourceMissing, and DiskUnavailable when it cannot be kept here now: the disk is full, say.
        """
        path = self._folder / f"{_name(key)}{_BLOB}"
        with _disk_errors():
            pinned = await self._pinned(key, path)
        with pinned:
            yield path

    async def tend(self) -> None:
        """Sweep now and then, until cancelled."""
        tell_free_space("cache", self._folder)
        while True:
            await self._make_room()
            await self._remove_deleted()
            await asyncio.sleep(_SWEEP_S)

    async def forget(self, job_id: str) -> None:
        """Remove the files of the job's blobs, but for those in use: they go with a later sweep."""
        with _disk_errors():
            await asyncio.to_thread(self._remove_named, f"{quote(job_id, safe='')}%2F*{_BLOB}")

    def sweep(self) -> None:
        """Remove what was not used for long, what is over the bound, and what dead processes left behind."""
        for partial in self._named(_PARTIAL):
            self._remove_stale(partial)
        blobs = sorted(_with_status(self._named(_BLOB)), key=lambda blob: blob[1].st_mtime)
        held = sum(status.st_size for _, status in blobs)
        for path, status in blobs:
            if held <= self._max_bytes and time.time() - status.st_mtime <= self._max_idle_s:
                return
            if _remove_unused(path):
                held -= status.st_size

    async def _pinned(self, key: str, path: Path) -> IO[bytes]:
        """The blob's file, open and locked shared: the one that is here, or else a fresh one."""
        while True:
            pinned = _pin(path)
            if pinned is not None:
                await self._check(key, path, pinned)
                os.utime(pinned.fileno(), ns=(time.time_ns(), time.time_ns()))  # the kernel's own are coarse
                return pinned
            fetched = await self._fetch(key, path)
            if fetched is not None:
                await self._make_room()
                return fetched

    async def _make_room(self) -> None:
        """Sweep; what stands in its way is for the operator, and no page's fault."""
        try:
            await asyncio.to_thread(self.sweep)
        except OSError as error:
            log.warning("cannot_sweep", reason=str(error))

    async def _remove_deleted(self) -> None:
        """What cannot be looked up now is looked up the next time, unless it is idle for too long before."""
        try:
            paths = {unquote(path.stem): path for path in self._named(_BLOB)}
            keys = list(paths)
            for start in range(0, len(keys), _LOOKED_UP_AT_ONCE):
                asked = keys[start : start + _LOOKED_UP_AT_ONCE]
                for key in set(asked) - set(await self._store.present(asked)):
                    _remove_unused(paths[key])
        except (Unavailable, OSError) as error:
            log.warning("cannot_look_for_deleted", reason=str(error))

    def _remove_named(self, pattern: str) -> None:
        for path in self._folder.glob(pattern):
            _remove_unused(path)

    async def _check(self, key: str, path: Path, pinned: IO[bytes]) -> None:
        """Raises SourceMissing, and lets go of the file, when the blob was deleted meanwhile."""
        try:
            async for _ in self._store.read(key, 0, 0):
                pass
        except BaseException as error:
            pinned.close()
            if isinstance(error, SourceMissing):
                _remove_unused(path)
            raise

    async def _fetch(self, key: str, path: Path) -> IO[bytes] | None:
        """The fresh file, locked shared; None when somebody else fetched it meanwhile."""
        make_private(self._folder)  # again: who tidies /tmp may have removed it
        with self._stripe(path.stem) as stripe:
            while not _locked(stripe, fcntl.LOCK_EX):
                await asyncio.sleep(_LOCK_POLL_S)
            return None if path.exists() else await self._download(key, path)

    async def _download(self, key: str, path: Path) -> IO[bytes]:
        partial = path.with_suffix(_PARTIAL)
        file = write_to(partial)
        try:
            fcntl.flock(file, fcntl.LOCK_SH)
            async for chunk in self._store.read(key):
                file.write(chunk)
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
            partial.rename(path)
        except BaseException:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            with suppress(OSError):  # closing writes what did not fit before
                file.close()
            raise
        return file

    def _remove_stale(self, partial: Path) -> None:
        with self._stripe(partial.stem) as stripe:
            if _locked(stripe, fcntl.LOCK_EX):
                partial.unlink(missing_ok=True)

    def _stripe(self, name: str) -> IO[bytes]:
        return write_to(self._folder / f"{zlib.crc32(name.encode()) % _STRIPES}.lock")

    def _named(self, suffix: str) -> Iterator[Path]:
        """Our own files with that suffix; what else lies here is left alone."""
        return (path for path in self._folder.glob(f"*{suffix}") if _NAME.fullmatch(path.stem))


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DiskUnavailable(f"The cache of source files cannot be used now: {error.strerror}.") from error


def _name(key: str) -> str:
    return quote(key, safe="")


def _pin(path: Path) -> IO[bytes] | None:
    """The file, locked shared; None when it is not there, or is being removed."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return None
    if _locked(file, fcntl.LOCK_SH) and os.fstat(file.fileno()).st_nlink:
        return file
    file.close()
    return None


def _remove_unused(path: Path) -> bool:
    """Whether the file is gone; one that is in use stays."""
    try:
        with path.open("rb") as file:
            if not _locked(file, fcntl.LOCK_EX):
                return False
            if path.stat().st_ino == os.fstat(file.fileno()).st_ino:  # not yet replaced by a fresh one
                path.unlink()
    except FileNotFoundError:
        return True
    return True


def _with_status(paths: Iterator[Path]) -> Iterator[tuple[Path, os.stat_result]]:
    for path in paths:
        with suppress(FileNotFoundError):
            yield path, path.stat()


def _locked(file: IO[bytes], kind: int) -> bool:
    """Whether the lock could be had at once; it ends when the file is closed."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
