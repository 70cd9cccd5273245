"""What a sender is told about a file, before anything is promised."""

import asyncio
import io
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from common.adapters import inspection
from common.adapters.child_pool import ChildPool
from common.adapters.inspection import ChildInspector, inspect_file
from common.contracts.tasks import MediaType
from common.errors import (
    BadRequest,
    CorruptFile,
    EmptyFile,
    EncryptedFile,
    ImageTooLarge,
    TooManyPages,
    UnsupportedType,
)
from common.ports import Inspection
from tests import files
from tests.pages import text_page

HOSTILE = Path(__file__).resolve().parents[3] / "shared" / "eval" / "hostile"
PAGE = text_page(["page one"])
RGB = PAGE.convert("RGB")

Save = Callable[[bytes], Path]


@pytest.fixture
def saved(tmp_path: Path) -> Save:
    def save(data: bytes) -> Path:
        path = tmp_path / "upload"
        path.write_bytes(data)
        return path

    return save


@pytest.fixture
async def inspector() -> AsyncIterator[ChildInspector]:
    pool = ChildPool(memory_limit_mb=500)
    yield ChildInspector(pool, time_limit_s=10)
    await pool.close()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (files.png(PAGE), Inspection(MediaType.PNG, 1)),
        (files.jpeg(RGB), Inspection(MediaType.JPEG, 1)),
        (files.exif_turned_jpeg(RGB, 6), Inspection(MediaType.JPEG, 1)),
        (files.frames([RGB, RGB], "MPO"), Inspection(MediaType.JPEG, 1)),
        (files.encoded(RGB, "WEBP"), Inspection(MediaType.WEBP, 1)),
        (files.encoded(PAGE, "GIF"), Inspection(MediaType.GIF, 1)),
        (files.encoded(RGB, "BMP"), Inspection(MediaType.BMP, 1)),
        (files.encoded(PAGE.convert("1"), "PPM"), Inspection(MediaType.PNM, 1)),
        (files.encoded(PAGE, "PPM"), Inspection(MediaType.PNM, 1)),
        (files.encoded(RGB, "PPM"), Inspection(MediaType.PNM, 1)),
        (files.frames([PAGE, PAGE, PAGE], "TIFF"), Inspection(MediaType.TIFF, 3)),
        (files.frames([PAGE, PAGE.rotate(180)], "GIF"), Inspection(MediaType.GIF, 1)),
        (files.frames([RGB, RGB.rotate(180)], "WEBP"), Inspection(MediaType.WEBP, 1)),
        (files.frames([PAGE, PAGE.rotate(180)], "PNG"), Inspection(MediaType.PNG, 1)),
        (files.scanned_pdf([PAGE, PAGE]), Inspection(MediaType.PDF, 2)),
        (files.born_digital_pdf([["one"], ["two"], ["three"]]), Inspection(MediaType.PDF, 3)),
        (b"some mail headers\n" * 20 + files.born_digital_pdf([["one"]]), Inspection(MediaType.PDF, 1)),
    ],
)
def test_accepted_kinds_are_told_by_their_bytes(saved: Save, data: bytes, expected: Inspection) -> None:
    assert inspect_file(saved(data)) == expected


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", EmptyFile),
        (b"just some text", UnsupportedType),
        (b"BM was here before the text", UnsupportedType),
        (b"PK\x03\x04" + bytes(100), UnsupportedType),
        (files.png(PAGE)[:200], CorruptFile),
        (files.corrupt_jpeg(), CorruptFile),
        (files.truncated(files.jpeg(RGB)), CorruptFile),
        (files.truncated(files.frames([PAGE, PAGE], "TIFF")), CorruptFile),
        (files.truncated(files.scanned_pdf([PAGE] * 20), 0.6), CorruptFile),
        (b"%PDF-1.7\n" + bytes(2000), CorruptFile),
        (files.encrypted_pdf(files.born_digital_pdf([["secret"]])), EncryptedFile),
    ],
)
def test_unusable_files_are_refused_with_the_reason(
    saved: Save, data: bytes, error: type[BadRequest]
) -> None:
    with pytest.raises(error):
        inspect_file(saved(data))


@pytest.mark.parametrize(
    "data",
    [
        files.png(Image.new("1", (500, 500))),
        files.frames([Image.new("L", (9, 9)), Image.new("L", (500, 500))], "TIFF"),
    ],
)
def test_images_with_too_many_pixels_are_refused(saved: Save, data: bytes) -> None:
    with pytest.raises(ImageTooLarge, match="200000"):
        inspect_file(saved(data), max_pixels=200_000)


def test_a_pdf_without_pages_is_refused(saved: Save) -> None:
    empty = io.BytesIO()
    pikepdf.new().save(empty)
    with pytest.raises(CorruptFile):
        inspect_file(saved(empty.getvalue()))


def test_a_pdf_that_only_restricts_its_use_is_accepted(saved: Save) -> None:
    pdf = files.encrypted_pdf(files.born_digital_pdf([["open to all"]]), password="")
    assert inspect_file(saved(pdf)).page_count == 1


def test_a_damaged_pdf_after_an_encrypted_one_is_called_damaged(saved: Save) -> None:
    with pytest.raises(EncryptedFile):
        inspect_file(saved(files.encrypted_pdf(files.born_digital_pdf([["secret"]]))))
    with pytest.raises(CorruptFile):
        inspect_file(saved(b"%PDF-1.7\n" + bytes(2000)))


def test_a_pdf_with_more_pages_than_any_may_have_is_refused(saved: Save) -> None:
    path = saved(files.born_digital_pdf([["one"], ["two"], ["three"]]))
    assert inspect_file(path, max_pdf_pages=3).page_count == 3
    with pytest.raises(TooManyPages, match="has 3 pages, and 2 are the most"):
        inspect_file(path, max_pdf_pages=2)


def test_frames_are_counted_up_to_a_limit(saved: Save) -> None:
    path = saved(files.frames([PAGE] * 9, "TIFF"))
    assert inspect_file(path, max_frames=5).page_count == 5


async def test_a_child_inspects(saved: Save, inspector: ChildInspector) -> None:
    assert await inspector.inspect(saved(files.png(PAGE))) == Inspection(MediaType.PNG, 1)
    with pytest.raises(EncryptedFile):
        await inspector.inspect(saved(files.encrypted_pdf(files.scanned_pdf([PAGE]))))


async def test_a_file_that_ties_up_its_examiner_is_called_damaged(saved: Save) -> None:
    pool = ChildPool()
    await pool.start()
    os.mkfifo(pipe := saved(b"").with_name("pipe"))
    with pytest.raises(CorruptFile, match=r"0\.2 seconds"):
        await ChildInspector(pool, time_limit_s=0.2).inspect(pipe)
    await pool.close()


async def test_a_file_that_kills_its_examiner_is_called_damaged(
    saved: Save,
    inspector: ChildInspector,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inspection, "inspect_file", _die)
    with pytest.raises(CorruptFile, match="could not be examined"):
        await inspector.inspect(saved(b"poison"))


async def test_an_examiner_that_is_killed_once_is_no_fault_of_the_file(
    saved: Save, inspector: ChildInspector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "inspect_file", _die_once)
    assert await inspector.inspect(saved(files.png(PAGE))) == Inspection(MediaType.PNG, 1)


async def test_a_file_that_eats_memory_is_called_too_large(saved: Save) -> None:
    pool = ChildPool(memory_limit_mb=150)
    with pytest.raises(ImageTooLarge):
        await ChildInspector(pool).inspect(saved(files.encoded(Image.new("RGB", (9_000, 9_000)), "PNG")))
    await pool.close()


@pytest.mark.skipif(not HOSTILE.exists(), reason="the hostile files are not here")
async def test_every_hostile_file_gets_an_answer_soon(inspector: ChildInspector) -> None:
    for path in sorted(HOSTILE.iterdir()):
        async with asyncio.timeout(10):
            try:
                assert (await inspector.inspect(path)).page_count >= 1
            except BadRequest as error:
                assert error.message


def _die_once(path: Path, *limits: int) -> Inspection:
    been_here = path.with_suffix(".seen")
    if not been_here.exists():
        been_here.touch()
        os.abort()
    return inspect_file(path, *limits)


def _die(path: Path, max_pixels: int) -> Inspection:
    os.abort()
