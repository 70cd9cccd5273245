"""The cache of source files against the real file system and real processes."""

import asyncio
import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from textwrap import dedent

import pytest

from common.adapters.blob_cache import BlobCache
from common.errors import DiskUnavailable, SourceMissing, StoreUnavailable

REPOSITORY = Path(__file__).resolve().parents[2]


class CountingStore:
    """Blobs in memory; counts the bytes that it hands out, in chunks of four."""

    def __init__(self, blobs: dict[str, bytes]) -> None:
        self.blobs = blobs
        self.read_bytes = 0
        self.fail_after_bytes: int | None = None
        self.is_away = False

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        if key not in self.blobs:
            raise SourceMissing()
        data = self.blobs[key][start:end]
        for offset in range(0, len(data), 4):
            await asyncio.sleep(0)
            if self.fail_after_bytes is not None and offset >= self.fail_after_bytes:
                raise SourceMissing()
            self.read_bytes += len(data[offset : offset + 4])
            yield data[offset : offset + 4]

    async def present(self, keys: Sequence[str]) -> Collection[str]:
        if self.is_away:
            raise StoreUnavailable()
        return self.blobs.keys() & set(keys)


@pytest.fixture
def store() -> CountingStore:
    return CountingStore({f"job/{name}": name.encode() * 10 for name in "abcdef"})


def cache_on(store: CountingStore, folder: Path, max_bytes: int = 1000, **options: float) -> BlobCache:
    return BlobCache(store, folder, max_bytes=max_bytes, **options)  # type: ignore[arg-type]


async def content(cache: BlobCache, key: str) -> bytes:
    async with cache.use(key) as path:
        return path.read_bytes()


def kept(folder: Path) -> set[bytes]:
    return {path.read_bytes()[:1] for path in folder.glob("*.blob")}


async def test_a_blob_is_fetched_once(store: CountingStore, tmp_path: Path) -> None:
    first, second = cache_on(store, tmp_path), cache_on(store, tmp_path)
    assert await content(first, "job/a") == b"a" * 10
    assert await content(first, "job/a") == await content(second, "job/a") == b"a" * 10
    assert store.read_bytes == 10


async def test_those_who_want_it_at_the_same_time_share_one_fetch(
    store: CountingStore, tmp_path: Path
) -> None:
    caches = [cache_on(store, tmp_path) for _ in range(4)]
    found = await asyncio.gather(*(content(cache, "job/a") for cache in caches))
    assert found == [b"a" * 10] * 4
    assert store.read_bytes == 10


async def test_what_is_not_in_the_store_is_missing(store: CountingStore, tmp_path: Path) -> None:
    with pytest.raises(SourceMissing):
        await content(cache_on(store, tmp_path), "job/unknown")


async def test_what_was_deleted_in_the_store_is_gone_here(store: CountingStore, tmp_path: Path) -> None:
    cache = cache_on(store, tmp_path)
    await content(cache, "job/a")
    del store.blobs["job/a"]
    with pytest.raises(SourceMissing):
        await content(cache, "job/a")
    assert kept(tmp_path) == set()


async def test_a_broken_fetch_leaves_nothing_and_can_be_repeated(
    store: CountingStore, tmp_path: Path
) -> None:
    cache = cache_on(store, tmp_path)
    store.fail_after_bytes = 4
    with pytest.raises(SourceMissing):
        await content(cache, "job/a")
    assert not [*tmp_path.glob("*.part"), *tmp_path.glob("*.blob")]
    store.fail_after_bytes = None
    assert await content(cache, "job/a") == b"a" * 10


async def test_a_full_disk_is_a_passing_trouble_and_leaves_nothing(
    store: CountingStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    cache = cache_on(store, tmp_path)
    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", no_room)
        with pytest.raises(DiskUnavailable, match="No space left"):
            await content(cache, "job/a")
    assert not [*tmp_path.glob("*.part"), *tmp_path.glob("*.blob")]
    assert await content(cache, "job/a") == b"a" * 10


async def test_a_folder_that_was_tidied_away_is_made_anew(store: CountingStore, tmp_path: Path) -> None:
    cache = cache_on(store, tmp_path / "cache")
    shutil.rmtree(tmp_path / "cache")
    assert await content(cache, "job/a") == b"a" * 10


async def test_files_of_others_are_left_alone_and_hinder_nothing(
    store: CountingStore, tmp_path: Path
) -> None:
    foreign = tmp_path / "backup.tar.part"
    foreign.write_bytes(b"somebody's")
    (tmp_path / "folder.blob").mkdir()
    assert await content(cache_on(store, tmp_path, max_bytes=0), "job/a") == b"a" * 10
    assert foreign.read_bytes() == b"somebody's"


async def test_a_sweep_that_fails_is_repeated_and_costs_no_page(
    store: CountingStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept: list[str] = []

    def fail(_: BlobCache) -> None:
        swept.append("in vain")
        raise PermissionError(errno.EPERM, "no")

    monkeypatch.setattr(BlobCache, "sweep", fail)
    monkeypatch.setattr("common.adapters.blob_cache._SWEEP_S", 0)
    cache = cache_on(store, tmp_path)
    tending = asyncio.create_task(cache.tend())
    assert await content(cache, "job/a") == b"a" * 10
    async with asyncio.timeout(10):
        while len(swept) < 3:
            await asyncio.sleep(0.01)
    assert not tending.done()
    tending.cancel()


async def test_a_link_in_place_of_a_lock_is_not_followed(store: CountingStore, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"words")
    cache = cache_on(store, tmp_path / "cache")
    for stripe in range(64):
        (tmp_path / "cache" / f"{stripe}.lock").symlink_to(precious)
    with pytest.raises(DiskUnavailable):
        await content(cache, "job/a")
    assert precious.read_bytes() == b"words"


async def test_a_folder_that_is_open_to_others_is_refused(store: CountingStore, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache").chmod(0o777)
    with pytest.raises(DiskUnavailable, match="open to other users"):
        cache_on(store, tmp_path / "cache")


async def test_a_cancelled_fetch_lets_the_next_one_pass(store: CountingStore, tmp_path: Path) -> None:
    cache = cache_on(store, tmp_path)
    fetch = asyncio.create_task(content(cache, "job/a"))
    await asyncio.sleep(0)
    fetch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetch
    assert await content(cache, "job/a") == b"a" * 10


async def test_what_was_used_longest_ago_makes_room(store: CountingStore, tmp_path: Path) -> None:
    cache = cache_on(store, tmp_path, max_bytes=25)
    for key in ("job/a", "job/b", "job/a", "job/c"):
        await content(cache, key)
    assert kept(tmp_path) == {b"a", b"c"}


async def test_what_is_in_use_is_never_removed(store: CountingStore, tmp_path: Path) -> None:
    cache = cache_on(store, tmp_path, max_bytes=0)
    async with AsyncExitStack() as uses:
        paths = [await uses.enter_async_context(cache.use(f"job/{name}")) for name in "abc"]
        assert [path.read_bytes()[:1] for path in paths] == [b"a", b"b", b"c"]
    await content(cache, "job/d")
    cache.sweep()
    assert kept(tmp_path) == set()


async def test_what_nobody_uses_any_more_is_removed_in_time(store: CountingStore, tmp_path: Path) -> None:
    cache = cache_on(store, tmp_path, max_idle_s=60)
    await content(cache, "job/a")
    await content(cache, "job/b")
    (old,) = [path for path in tmp_path.glob("*.blob") if path.read_bytes()[:1] == b"a"]
    os.utime(old, (old.stat().st_atime - 100, old.stat().st_mtime - 100))
    cache.sweep()
    assert kept(tmp_path) == {b"b"}


async def test_what_a_killed_process_left_half_fetched_is_fetched_anew(
    store: CountingStore, tmp_path: Path
) -> None:
    program = dedent(
        f"""
        import asyncio, pathlib, sys
        from common.adapters.blob_cache import BlobCache

        class Slow:
            async def read(self, key, start=0, end=None):
                yield b"half"
                print("fetching", flush=True)
                await asyncio.sleep(600)

        async def main():
            async with BlobCache(Slow(), pathlib.Path({str(tmp_path)!r}), max_bytes=100).use("job/a"):
                pass

        asyncio.run(main())
        """
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=REPOSITORY, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"fetching\n"
        cache = cache_on(store, tmp_path)
        cache.sweep()
        assert len(list(tmp_path.glob("*.part"))) == 1  # it is alive, so its fetch is left alone
        waiting = asyncio.create_task(content(cache, "job/a"))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        other.send_signal(signal.SIGKILL)
    assert await waiting == b"a" * 10


async def test_half_fetched_files_of_dead_processes_are_swept(store: CountingStore, tmp_path: Path) -> None:
    cache = cache_on(store, tmp_path)
    stale = tmp_path / f"{'0' * 64}.part"
    stale.write_bytes(b"half")
    cache.sweep()
    assert not stale.exists()


async def tended(cache: BlobCache, is_so: Callable[[], bool]) -> None:
    """Let the cache sweep until it is so."""
    tending = asyncio.create_task(cache.tend())
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.01)
    tending.cancel()


async def test_what_was_deleted_in_the_store_is_removed_at_the_next_sweep(
    store: CountingStore, tmp_path: Path
) -> None:
    for key in ("job/a", "job/b"):
        await content(cache_on(store, tmp_path), key)
    former = tmp_path / f"{'0' * 64}.blob"
    former.write_bytes(b"z")
    del store.blobs["job/a"]
    await tended(cache_on(store, tmp_path), lambda: kept(tmp_path) == {b"b"})


async def test_what_is_in_use_is_removed_after_that(
    store: CountingStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("common.adapters.blob_cache._SWEEP_S", 0)
    cache = cache_on(store, tmp_path)
    async with cache.use("job/a") as path:
        del store.blobs["job/a"]
        await cache.forget("job")
        assert path.read_bytes() == b"a" * 10
    await tended(cache, lambda: kept(tmp_path) == set())


async def test_while_the_store_is_away_nothing_counts_as_deleted(
    store: CountingStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("common.adapters.blob_cache._SWEEP_S", 0)
    cache = cache_on(store, tmp_path)
    await content(cache, "job/a")
    store.blobs.clear()
    store.is_away = True
    tending = asyncio.create_task(cache.tend())
    await asyncio.sleep(0.1)
    assert kept(tmp_path) == {b"a"} and not tending.done()
    tending.cancel()
    store.is_away = False
    await tended(cache, lambda: kept(tmp_path) == set())


async def test_the_copies_of_one_job_can_be_removed_at_once(store: CountingStore, tmp_path: Path) -> None:
    store.blobs["job2/e/f"] = b"other"
    cache = cache_on(store, tmp_path)
    for key in ("job/a", "job/b", "job2/e/f"):
        await content(cache, key)
    await cache.forget("job")
    assert kept(tmp_path) == {b"o"}
