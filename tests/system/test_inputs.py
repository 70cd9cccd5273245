"""Every kind of file that is accepted, told by its bytes alone."""

from collections.abc import Callable

import pytest
from PIL import Image

from tests import files
from tests.client import Client, words
from tests.pages import draw_sheet
from tests.system.judging import check_job

SHEET = draw_sheet(["harbour lantern", "velvet kitchen"])
GREY = SHEET.image
PAGES = [draw_sheet([f"page {name}"], size=(400, 160)).image for name in ("one", "two", "three")]
DIGITAL = [["Amber lantern"], ["Velvet kitchen"]]

ONE_PAGE: dict[str, Callable[[], bytes]] = {
    "png-grey": lambda: files.png(GREY),
    "png-colour": lambda: files.png(GREY.convert("RGB")),
    "png-one-bit": lambda: files.png(GREY.convert("1")),
    "png-palette": lambda: files.png(GREY.convert("P")),
    "png-16-bit": lambda: files.png(GREY.convert("I").point(lambda level: level * 257).convert("I;16")),
    "png-transparent": lambda: files.png(files.on_glass(GREY)),
    "png-palette-transparent": lambda: files.encoded(
        GREY.convert("P", palette=Image.Palette.ADAPTIVE), "PNG", transparency=255
    ),
    "jpeg-grey": lambda: files.jpeg(GREY),
    "jpeg-colour": lambda: files.jpeg(GREY.convert("RGB")),
    "jpeg-cmyk": lambda: files.jpeg(GREY.convert("RGB").convert("CMYK")),
    "jpeg-upside-down": lambda: files.exif_turned_jpeg(GREY, 3),
    "jpeg-turned-right": lambda: files.exif_turned_jpeg(GREY, 6),
    "jpeg-turned-left": lambda: files.exif_turned_jpeg(GREY, 8),
    "webp": lambda: files.encoded(GREY, "WEBP"),
    "webp-lossless-transparent": lambda: files.encoded(files.on_glass(GREY), "WEBP", lossless=True),
    "gif": lambda: files.encoded(GREY, "GIF"),
    "bmp": lambda: files.encoded(GREY, "BMP"),
    "bmp-one-bit": lambda: files.encoded(GREY.convert("1"), "BMP"),
    "tiff": lambda: files.encoded(GREY, "TIFF"),
    "tiff-fax": lambda: files.encoded(GREY.convert("1"), "TIFF", compression="group4"),
    "tiff-lzw": lambda: files.encoded(GREY.convert("RGB"), "TIFF", compression="tiff_lzw"),
    "tiff-cmyk": lambda: files.encoded(GREY.convert("RGB").convert("CMYK"), "TIFF"),
    "pdf-scan": lambda: files.scanned_pdf([GREY]),
    "pdf-scan-one-bit": lambda: files.scanned_pdf([GREY.convert("1")]),
    "pdf-turned": lambda: files.turned_pdf(
        files.scanned_pdf([GREY.transpose(Image.Transpose.ROTATE_90)]), 90
    ),
}

FIRST_FRAME_ONLY: dict[str, Callable[[], bytes]] = {
    "gif-animated": lambda: files.frames(PAGES, "GIF", duration=100),
    "webp-animated": lambda: files.frames(PAGES, "WEBP", duration=100, lossless=True),
    "png-animated": lambda: files.frames(PAGES, "PNG", duration=100),
}

EVERY_FRAME: dict[str, Callable[[], bytes]] = {
    "tiff-frames": lambda: files.frames(PAGES, "TIFF"),
    "tiff-frames-fax": lambda: files.frames(
        [image.convert("1") for image in PAGES], "TIFF", compression="group4"
    ),
    "pdf-scan-pages": lambda: files.scanned_pdf(PAGES),
}


@pytest.mark.parametrize("kind", ONE_PAGE)
def test_file_of_one_page_is_read(client: Client, kind: str) -> None:
    job = client.read(ONE_PAGE[kind](), "page", language="en")
    check_job(job)
    assert job["status"] == "done"
    assert job["page_count"] == 1
    assert words(job["text"]) == words(SHEET.text)


@pytest.mark.parametrize("kind", FIRST_FRAME_ONLY)
def test_only_the_first_frame_of_an_animation_is_a_page(client: Client, kind: str) -> None:
    job = client.read(FIRST_FRAME_ONLY[kind](), "page", language="en")
    check_job(job)
    assert [words(page["text"]) for page in job["pages"]] == ["page one"]


@pytest.mark.parametrize("kind", EVERY_FRAME)
def test_every_frame_is_a_page_in_its_order(client: Client, kind: str) -> None:
    job = client.read(EVERY_FRAME[kind](), "pages", language="en")
    check_job(job)
    assert [words(page["text"]) for page in job["pages"]] == ["page one", "page two", "page three"]
    assert [page["source_page"] for page in job["pages"]] == [1, 2, 3]


def test_born_digital_pages_are_read(client: Client) -> None:
    job = client.read(files.born_digital_pdf(DIGITAL), "letter.pdf", language="en")
    check_job(job)
    assert [words(page["text"]) for page in job["pages"]] == ["Amber lantern", "Velvet kitchen"]


@pytest.mark.parametrize("name", ["scan.pdf", "scan.exe", "scan", ".png", "scan.tar.gz"])
def test_the_name_does_not_matter(client: Client, name: str) -> None:
    job = client.read(files.png(PAGES[0]), name, language="en")
    assert words(job["text"]) == "page one"
    assert job["filename"] == name


def test_a_pdf_that_calls_itself_a_picture_is_a_pdf(client: Client) -> None:
    job = client.read(files.scanned_pdf(PAGES[:2]), "photo.jpg", language="en")
    assert [words(page["text"]) for page in job["pages"]] == ["page one", "page two"]
