"""What every blob store must do, in memory or in GridFS."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest

from common.adapters.gridfs_blobs import CHUNK_BYTES, GridFSBlobStore
from common.adapters.mongo_connection import connect, database
from common.errors import SourceMissing
from common.ports import BlobStore
from tests.fakes.samples import NOW
from tests.fakes.stores import FakeBlobStore

LATER = NOW + timedelta(days=8)
BLOB = bytes(range(256)) * 10_000  # more than two chunks


@pytest.fixture(params=["fake", "gridfs"])
async def blobs(request: pytest.FixtureRequest) -> AsyncIterator[BlobStore]:
    if request.param == "fake":
        yield FakeBlobStore()
        return
    client = connect(request.getfixturevalue("mongo_url"), "contract-tests")
    blobs_database = database(client, f"contract_{uuid4().hex}")
    yield GridFSBlobStore(blobs_database)
    await client.drop_database(blobs_database.name)
    client.close()


async def in_chunks(blob: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(blob), size):
        yield blob[start : start + size]


async def whole(blobs: BlobStore, key: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in blobs.read(key, start, end)])


async def test_a_blob_comes_back_as_it_went_in(blobs: BlobStore) -> None:
    assert await blobs.write("job/source", in_chunks(BLOB), expires_at=LATER) == len(BLOB)
    assert await whole(blobs, "job/source") == BLOB


async def test_an_empty_blob_is_a_blob(blobs: BlobStore) -> None:
    assert await blobs.write("job/source", in_chunks(b""), expires_at=LATER) == 0
    assert await whole(blobs, "job/source") == b""


@pytest.mark.parametrize(
    ("start", "end"), [(0, 10), (5, 5), (CHUNK_BYTES - 3, CHUNK_BYTES + 3), (2_000_000, None), (0, 10**9)]
)
async def test_a_part_can_be_read(blobs: BlobStore, start: int, end: int | None) -> None:
    await blobs.write("job/words", in_chunks(BLOB), expires_at=LATER)
    assert await whole(blobs, "job/words", start, end) == BLOB[start:end]


async def test_a_blob_that_is_not_there_is_told(blobs: BlobStore) -> None:
    with pytest.raises(SourceMissing):
        await whole(blobs, "job/source")


async def test_a_deleted_blob_is_gone_and_may_be_deleted_again(blobs: BlobStore) -> None:
    await blobs.write("job/source", in_chunks(BLOB), expires_at=LATER)
    await blobs.delete("job/source")
    await blobs.delete("job/source")
    with pytest.raises(SourceMissing):
        await whole(blobs, "job/source")


async def test_a_write_that_fails_leaves_nothing(blobs: BlobStore) -> None:
    async def breaks() -> AsyncIterator[bytes]:
        yield BLOB
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        await blobs.write("job/source", breaks(), expires_at=LATER)
    with pytest.raises(SourceMissing):
        await whole(blobs, "job/source")
    await blobs.write("job/source", in_chunks(BLOB), expires_at=LATER)
    assert await whole(blobs, "job/source") == BLOB


async def test_what_lies_under_a_key_can_be_removed_but_for_one(blobs: BlobStore) -> None:
    kept, others = "job/export/pdf/b", ("job/export/pdf/a", "job/export/pdf/c/1")
    outside = ("job/export/pdf-pdfa/a", "job/export/pdf0", "job/export/od", "job2/export/pdf/a")
    for key in (kept, *others, *outside):
        await blobs.write(key, in_chunks(b"something"), expires_at=LATER)
    await blobs.delete_under("job/export/pdf/", keep=kept)
    for key in others:
        with pytest.raises(SourceMissing):
            await whole(blobs, key)
    for key in (kept, *outside):
        assert await whole(blobs, key) == b"something"
    await blobs.delete_under("job/export/pdf/")
    with pytest.raises(SourceMissing):
        await whole(blobs, kept)


async def test_what_an_interrupted_write_left_goes_with_its_job(mongo_url: str) -> None:
    """A process that is killed while it writes leaves chunks that no file names."""
    client = connect(mongo_url, "contract-tests")
    stored = database(client, f"contract_{uuid4().hex}")
    blobs = GridFSBlobStore(stored)
    for job in ("job", "job2"):
        await blobs.write(f"{job}/source", in_chunks(BLOB), expires_at=LATER)
        await stored["fs.files"].delete_one({"_id": f"{job}/source"})
    await blobs.delete_all("job")
    left = await stored["fs.chunks"].distinct("files_id")
    await client.drop_database(stored.name)
    client.close()
    assert left == ["job2/source"]


async def test_what_an_interrupted_write_left_goes_with_what_lies_under_its_key(mongo_url: str) -> None:
    client = connect(mongo_url, "contract-tests")
    stored = database(client, f"contract_{uuid4().hex}")
    blobs = GridFSBlobStore(stored)
    for key in ("job/export/pdf/a", "job/export/pdf/b"):
        await blobs.write(key, in_chunks(BLOB), expires_at=LATER)
    await stored["fs.files"].delete_one({"_id": "job/export/pdf/a"})
    await blobs.delete_under("job/export/pdf/", keep="job/export/pdf/b")
    left = await stored["fs.chunks"].distinct("files_id")
    await client.drop_database(stored.name)
    client.close()
    assert left == ["job/export/pdf/b"]


async def test_it_can_be_asked_which_of_several_blobs_are_there(blobs: BlobStore) -> None:
    for key in ("job/a", "job/b"):
        await blobs.write(key, in_chunks(b"something"), expires_at=LATER)
    await blobs.delete("job/b")
    assert set(await blobs.present(["job/a", "job/b", "job/c"])) == {"job/a"}
    assert not await blobs.present([])
