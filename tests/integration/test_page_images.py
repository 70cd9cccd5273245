"""Pages as pictures to look at: as a viewer shows them, as wide as asked for, in a child process."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from common.adapters.child_pool import ChildPool
from common.adapters.page_images import ChildPainter, paint_page
from common.contracts.tasks import MediaType
from common.errors import EngineTimeout, PageUnreadable
from common.ports import ImageFormat
from tests import files

RED, WHITE = (255, 0, 0), (255, 255, 255)


def sheet(size: tuple[int, int] = (1200, 600)) -> Image.Image:
    """White, with a red top left quarter."""
    image = Image.new("RGB", size, WHITE)
    image.paste(RED, (0, 0, size[0] // 2, size[1] // 2))
    return image


def painted(
    folder: Path,
    data: bytes,
    media_type: MediaType,
    width: int = 300,
    image_format: ImageFormat = ImageFormat.PNG,
    page: int = 0,
) -> Image.Image:
    path = folder / "source"
    path.write_bytes(data)
    picture = paint_page(path, media_type, page, width, image_format)
    image = Image.open(io.BytesIO(picture))
    assert image.format == image_format.upper()
    return image.convert("RGB")


@pytest.mark.parametrize("image_format", list(ImageFormat))
@pytest.mark.parametrize("kind", ["png", "pdf", "turned jpeg", "turned pdf"])
def test_a_page_looks_as_in_a_viewer(tmp_path: Path, kind: str, image_format: ImageFormat) -> None:
    data, media_type, size = {
        "png": (files.png(sheet()), MediaType.PNG, (300, 150)),
        "pdf": (files.scanned_pdf([sheet()], dpi=300), MediaType.PDF, (300, 150)),
        "turned jpeg": (files.exif_turned_jpeg(sheet(), 6), MediaType.JPEG, (300, 150)),
        "turned pdf": (
            files.turned_pdf(files.scanned_pdf([sheet().rotate(90, expand=True)], dpi=300), 90),
            MediaType.PDF,
            (300, 150),
        ),
    }[kind]
    image = painted(tmp_path, data, media_type, image_format=image_format)
    assert image.size == size
    red, green, blue = image.getpixel((50, 30))  # type: ignore[misc]
    assert red > 200 and green < 60 and blue < 60
    assert min(image.getpixel((250, 120))) > 240  # type: ignore[arg-type, type-var]


def test_a_page_is_never_made_larger_than_it_is(tmp_path: Path) -> None:
    assert painted(tmp_path, files.png(sheet((80, 40))), MediaType.PNG, width=2000).size == (80, 40)


def test_any_page_can_be_asked_for(tmp_path: Path) -> None:
    blank = Image.new("RGB", (400, 200), WHITE)
    data = files.frames([blank, blank, sheet((400, 200))], "TIFF")
    assert painted(tmp_path, data, MediaType.TIFF, page=2).getpixel((10, 10)) == RED
    assert painted(tmp_path, data, MediaType.TIFF, page=1).getpixel((10, 10)) == WHITE


@pytest.mark.parametrize("image_format", list(ImageFormat))
def test_a_ribbon_is_as_high_as_its_format_allows(tmp_path: Path, image_format: ImageFormat) -> None:
    ribbon = files.png(Image.new("L", (100, 30_000), 255))
    image = painted(tmp_path, ribbon, MediaType.PNG, width=100, image_format=image_format)
    assert image.height == {ImageFormat.PNG: 30_000, ImageFormat.WEBP: 16_383}[image_format]


def test_a_page_that_is_no_picture_is_told(tmp_path: Path) -> None:
    with pytest.raises(PageUnreadable):
        painted(tmp_path, files.corrupt_jpeg(), MediaType.JPEG)


@pytest.fixture
async def children() -> AsyncIterator[ChildPool]:
    pool = ChildPool(memory_limit_mb=500)
    yield pool
    await pool.close()


async def test_a_child_draws_it_within_its_time(tmp_path: Path, children: ChildPool) -> None:
    path = tmp_path / "source"
    path.write_bytes(files.png(sheet()))
    picture = await ChildPainter(children).paint(path, MediaType.PNG, 0, 300, ImageFormat.WEBP)
    assert Image.open(io.BytesIO(picture)).size == (300, 150)
    with pytest.raises(EngineTimeout):
        await ChildPainter(children, time_limit_s=0.0001).paint(path, MediaType.PNG, 0, 300, ImageFormat.PNG)
