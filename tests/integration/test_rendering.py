"""Pages as pictures: what a viewer would show, whatever the file."""

import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageChops, ImageCms, ImageOps, ImageStat

from common.adapters.images import flatten, shrunk_size
from common.adapters.rendering import RenderedPage, forget_document, opened_page, render_page
from common.contracts.tasks import MediaType
from common.errors import PageTooLarge, PageUnreadable
from tests import files
from tests.pages import text_page

PAGE = text_page(["upright", "and black on white"])
MARKED = Image.new("L", (300, 200), 255)
MARKED.paste(0, (10, 10, 60, 40))  # dark in the top left corner alone

Render = Callable[..., RenderedPage]


@pytest.fixture
def rendered(tmp_path: Path) -> Render:
    def render(data: bytes, media_type: MediaType, source_page: int = 0, **options: object) -> RenderedPage:
        path = tmp_path / "source"
        path.write_bytes(data)
        return render_page(path, media_type, source_page, **options)  # type: ignore[arg-type]

    return render


def is_open(path: Path) -> bool:
    """By this process, be it deleted or not."""
    targets = {os.readlink(fd) for fd in Path("/proc/self/fd").iterdir() if fd.is_symlink()}
    return any(target.removesuffix(" (deleted)") == str(path) for target in targets)


def difference(image: Image.Image, expected: Image.Image) -> float:
    """The mean difference of two grey images' levels, 0 … 255."""
    assert (image.mode, image.size) == (expected.mode, expected.size)
    return ImageStat.Stat(ImageChops.difference(image, expected)).mean[0]


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (files.png(PAGE), MediaType.PNG),
        (files.png(PAGE.convert("RGB")), MediaType.PNG),
        (files.png(PAGE.convert("P")), MediaType.PNG),
        (files.png(PAGE.convert("RGBA")), MediaType.PNG),
        (files.png(files.on_glass(PAGE)), MediaType.PNG),
        (files.png(files.on_glass(PAGE).convert("LA")), MediaType.PNG),
        (files.encoded(files.on_glass(PAGE), "TIFF"), MediaType.TIFF),
        (files.png(PAGE.convert("I").point(lambda level: level * 257).convert("I;16")), MediaType.PNG),
        (files.encoded(PAGE.convert("I"), "TIFF"), MediaType.TIFF),
        (files.encoded(PAGE.convert("F"), "TIFF"), MediaType.TIFF),
        (files.jpeg(PAGE), MediaType.JPEG),
        (files.jpeg(PAGE.convert("RGB")), MediaType.JPEG),
        (files.jpeg(PAGE.convert("RGB").convert("CMYK")), MediaType.JPEG),
        (files.encoded(PAGE.convert("RGB").convert("CMYK"), "TIFF"), MediaType.TIFF),
        (files.encoded(PAGE.convert("RGB"), "WEBP", lossless=True), MediaType.WEBP),
        (files.encoded(PAGE, "GIF"), MediaType.GIF),
        (files.encoded(PAGE, "BMP"), MediaType.BMP),
        (files.encoded(PAGE, "PPM"), MediaType.PNM),
    ],
    ids=lambda value: value.value if isinstance(value, MediaType) else "",
)
def test_every_colour_mode_becomes_grey_on_white(
    rendered: Render, data: bytes, media_type: MediaType
) -> None:
    page = rendered(data, media_type)
    assert (page.width, page.height) == PAGE.size
    assert difference(page.image, PAGE) < 1.5


def test_one_bit_pages_become_grey(rendered: Render) -> None:
    bilevel = PAGE.convert("1")
    page = rendered(files.encoded(bilevel, "TIFF", compression="group4"), MediaType.TIFF)
    assert difference(page.image, bilevel.convert("L")) == 0


def test_sixteen_bits_keep_their_black_and_white() -> None:
    deep = Image.new("I;16", (2, 1))
    deep.putpixel((0, 0), 0)
    deep.putpixel((1, 0), 0xFFFF)
    assert list(flatten(deep, "L").tobytes()) == [0, 255]


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_deep_greys_that_do_not_fill_their_sixteen_bits_are_not_dark(rendered: Render, bits: int) -> None:
    """What scanners and X-ray machines of so many bits write."""
    deep = PAGE.convert("I").point(lambda level: level * ((2**bits - 1) / 255) + 0).convert("I;16")
    assert difference(rendered(files.png(deep), MediaType.PNG).image, PAGE) < 1.5


def test_deep_greys_survive_a_transparent_level(rendered: Render) -> None:
    deep = PAGE.convert("I").point(lambda level: level * 257).convert("I;16")
    page = rendered(files.encoded(deep, "PNG", transparency=0xFFFF), MediaType.PNG)
    assert difference(page.image, PAGE) < 1.5


@pytest.mark.parametrize("colour", ["L", "RGB"])
def test_lab_colours_are_converted(rendered: Render, colour: str) -> None:
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    image = ImageCms.profileToProfile(PAGE.convert("RGB"), srgb, lab, outputMode="LAB")
    assert image is not None
    page = rendered(files.encoded(image, "TIFF"), MediaType.TIFF, colour=colour)
    assert difference(page.image.convert("L"), PAGE) < 1.5


def test_white_writing_on_glass_can_be_seen(rendered: Render) -> None:
    white = Image.new("LA", PAGE.size, (255, 0))
    white.putalpha(ImageOps.invert(PAGE))
    page = rendered(files.png(white.convert("RGBA")), MediaType.PNG)
    assert difference(page.image, ImageOps.invert(PAGE)) < 1.5


def test_white_paper_with_clear_corners_stays_white(rendered: Render) -> None:
    paper = PAGE.convert("RGBA")
    paper.paste((0, 0, 0, 0), (0, 0, 50, 50))
    assert difference(rendered(files.png(paper), MediaType.PNG).image, PAGE) < 1.5


@pytest.mark.parametrize(("orientation", "aspect"), [(1, 2.0), (6, 0.5)])
def test_a_fax_tells_the_shape_of_its_pixels(rendered: Render, orientation: int, aspect: float) -> None:
    squashed = PAGE.resize((PAGE.width, PAGE.height // 2))
    fax = files.encoded(squashed, "TIFF", dpi=(204, 102), tiffinfo={0x0112: orientation})
    page = rendered(fax, MediaType.TIFF)
    assert (page.pixel_aspect, page.dpi) == (pytest.approx(aspect), 204)


@pytest.mark.parametrize("dpi", [(300, 300), (300, 290), (300, 1)])
def test_pixels_are_square_unless_a_file_tells_credibly_otherwise(
    rendered: Render, dpi: tuple[int, int]
) -> None:
    assert rendered(files.encoded(PAGE, "TIFF", dpi=dpi), MediaType.TIFF).pixel_aspect == 1.0


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_exif_orientation_is_applied(rendered: Render, orientation: int) -> None:
    page = rendered(files.exif_turned_jpeg(PAGE, orientation), MediaType.JPEG)
    assert (page.width, page.height) == page.image.size == PAGE.size
    assert difference(page.image, PAGE) < 2


def test_exif_orientation_of_a_tiff_is_applied_once(rendered: Render) -> None:
    turned = MARKED.transpose(Image.Transpose.ROTATE_90)
    page = rendered(files.encoded(turned, "TIFF", tiffinfo={0x0112: 6}), MediaType.TIFF)
    assert (page.width, page.height) == MARKED.size
    assert difference(page.image, MARKED) == 0


def test_each_frame_of_a_tiff_is_a_page(rendered: Render) -> None:
    tiff = files.frames([PAGE, MARKED, PAGE], "TIFF")
    assert difference(rendered(tiff, MediaType.TIFF, 1).image, MARKED) == 0
    with pytest.raises(PageUnreadable):
        rendered(tiff, MediaType.TIFF, 3)


def test_an_animation_shows_its_first_frame(rendered: Render) -> None:
    page = rendered(files.frames([MARKED, MARKED.rotate(180)], "GIF"), MediaType.GIF)
    assert difference(page.image, MARKED) < 1


@pytest.mark.parametrize(
    ("options", "dpi"),
    [({"dpi": (200, 200)}, 200), ({"dpi": (1, 1)}, None), ({"dpi": (9999, 9999)}, None), ({}, None)],
)
def test_a_credible_resolution_is_kept(rendered: Render, options: dict[str, object], dpi: int | None) -> None:
    assert rendered(files.encoded(PAGE, "PNG", **options), MediaType.PNG).dpi == dpi


@pytest.mark.parametrize(("file_format", "media_type"), [("PNG", MediaType.PNG), ("JPEG", MediaType.JPEG)])
def test_a_large_image_is_reduced_and_its_own_size_told(
    rendered: Render, file_format: str, media_type: MediaType
) -> None:
    large = PAGE.resize((2000, 1000))
    page = rendered(files.encoded(large, file_format, dpi=(300, 300)), media_type, max_pixels=500_000)
    assert (page.width, page.height) == (2000, 1000)
    assert page.image.size == (1000, 500)
    assert page.dpi == 150


def test_an_image_past_the_decoding_limit_is_refused_undecoded(rendered: Render) -> None:
    with pytest.raises(PageTooLarge):
        rendered(_png_header(20_000, 20_000), MediaType.PNG)


def test_shrinking_keeps_proportions_and_addressable_sides() -> None:
    assert shrunk_size((100, 50), 1_000_000) == (100, 50)
    assert shrunk_size((2000, 1000), 500_000) == (1000, 500)
    assert shrunk_size((64_000, 10), 50_000_000) == (32_000, 5)
    assert shrunk_size((64_000, 1), 50_000_000) == (32_000, 1)


@pytest.mark.parametrize(
    "data", [files.truncated(files.jpeg(PAGE)), files.png(PAGE)[:100], files.corrupt_jpeg()]
)
def test_damaged_images_are_unreadable(rendered: Render, data: bytes) -> None:
    media_type = MediaType.PNG if data.startswith(b"\x89") else MediaType.JPEG
    with pytest.raises(PageUnreadable):
        rendered(data, media_type)


def test_a_scanned_page_comes_out_as_it_went_in(rendered: Render) -> None:
    page = rendered(files.scanned_pdf([PAGE, MARKED], dpi=300), MediaType.PDF, 1)
    assert (page.width, page.height, page.dpi) == (*MARKED.size, 300)
    assert difference(page.image, MARKED) < 1.5


def test_letter_paper_has_no_row_too_many(rendered: Render) -> None:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(612, 792))
    page = rendered(_bytes(pdf), MediaType.PDF)
    assert page.image.size == (2550, 3300)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_the_rotation_of_a_pdf_page_is_applied(rendered: Render, degrees: int) -> None:
    page = rendered(files.turned_pdf(files.scanned_pdf([MARKED], dpi=300), degrees), MediaType.PDF)
    assert difference(page.image, MARKED.rotate(-degrees, expand=True)) < 2


def test_annotations_and_form_fields_are_drawn(rendered: Render) -> None:
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(72, 72))
    black_box = pdf.make_stream(
        b"0 g 0 0 72 72 re f", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 72, 72]
    )
    annotations = []
    for left, kind in (
        (0, {"Subtype": pikepdf.Name.Stamp}),
        (36, {"Subtype": pikepdf.Name.Widget, "FT": pikepdf.Name.Tx, "T": "field"}),
    ):
        annotation = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Rect=[left, 0, left + 30, 72],
                F=4,
                AP=pikepdf.Dictionary(N=black_box),
                **kind,
            )
        )
        annotations.append(annotation)
    page.obj.Annots = pikepdf.Array(annotations)
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=annotations[1:])
    image = rendered(_bytes(pdf), MediaType.PDF, dpi=72).image
    assert image.getpixel((15, 36)) == image.getpixel((51, 36)) == 0
    assert image.getpixel((33, 36)) == 255


def test_a_huge_sheet_is_rendered_smaller(rendered: Render) -> None:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(14_400, 7_200))
    page = rendered(_bytes(pdf), MediaType.PDF, max_pixels=2_000_000)
    assert page.width * page.height <= 2_000_000
    assert page.width == pytest.approx(2 * page.height, abs=1)
    assert page.dpi == 10


def test_a_page_that_is_not_there_is_unreadable(rendered: Render) -> None:
    with pytest.raises(PageUnreadable):
        rendered(files.scanned_pdf([PAGE]), MediaType.PDF, 1)


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (pdfium.PdfiumError("damaged"), PageUnreadable),
        (ValueError("a mistake"), ValueError),
        (IndexError("a mistake"), IndexError),
    ],
)
def test_mistakes_of_who_reads_a_page_do_not_look_like_damage(
    tmp_path: Path, error: Exception, raised: type[Exception]
) -> None:
    path = tmp_path / "source"
    path.write_bytes(files.scanned_pdf([PAGE]))
    with pytest.raises(raised), opened_page(path, 0):
        raise error


def test_a_file_that_replaces_another_is_read_anew(rendered: Render) -> None:
    assert rendered(files.scanned_pdf([PAGE], dpi=300), MediaType.PDF).image.size == PAGE.size
    assert rendered(files.scanned_pdf([MARKED], dpi=300), MediaType.PDF).image.size == MARKED.size


def test_a_document_stays_open_for_its_next_page_and_no_longer(rendered: Render, tmp_path: Path) -> None:
    """An open file lives on, however often it is deleted."""
    pdf = files.scanned_pdf([PAGE, MARKED], dpi=300)
    rendered(pdf, MediaType.PDF)
    assert is_open(tmp_path / "source")
    forget_document()
    assert not is_open(tmp_path / "source")
    rendered(pdf, MediaType.PDF)
    (tmp_path / "source").unlink()
    rendered(files.png(PAGE), MediaType.PNG)
    assert not is_open(tmp_path / "source")


def test_colour_is_there_for_who_wants_it(rendered: Render) -> None:
    red = Image.new("RGB", (72, 72), (255, 0, 0))
    for data, media_type in (
        (files.png(red), MediaType.PNG),
        (files.scanned_pdf([red], dpi=72), MediaType.PDF),
    ):
        pixel = rendered(data, media_type, colour="RGB", dpi=72).image.getpixel((36, 36))
        assert isinstance(pixel, tuple) and pixel[0] > 250 and max(pixel[1:]) < 5


def _png_header(width: int, height: int) -> bytes:
    """The start of a PNG of this size: enough to refuse it, not to decode it."""
    small = files.png(Image.new("1", (1, 1)))
    header = b"IHDR" + struct.pack(">II", width, height) + small[24:29]
    return small[:12] + header + struct.pack(">I", zlib.crc32(header)) + small[33:]


def _bytes(pdf: pikepdf.Pdf) -> bytes:
    buffer = io.BytesIO()
    pdf.save(buffer)
    return buffer.getvalue()
