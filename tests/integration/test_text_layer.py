"""The text layer of PDF pages, held against what is to be seen of it."""

import io
import string
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image

from common.adapters.rendering import forget_document, render_page
from common.adapters.text_layer import read_text_layer
from common.contracts.tasks import MediaType
from common.document.geometry import Box
from common.document.text_layer import PageText
from common.reading.own_text.fusion import blocks_of
from common.reading.own_text.trust import Extent, judge
from tests import text_pdfs
from tests.pages import draw_sheet
from tests.text_pdfs import placed, prose, shown

Read = Callable[..., PageText]
LINES = prose()
SCAN = draw_sheet(LINES, font_px=40, margin=60).image


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(data: bytes, page: int = 0) -> PageText:
        path = tmp_path / "source.pdf"
        path.write_bytes(data)
        forget_document()
        return read_text_layer(path, page)

    return read


def texts(page: PageText) -> list[str]:
    return [" ".join(word.text for word in line) for line in page.lines]


def ink_box(image: Image.Image) -> Box:
    found = image.point(lambda level: 255 if level < 128 else 0).getbbox()
    assert found is not None
    return Box(*found)


def test_lines_and_words_are_those_of_the_page(read: Read) -> None:
    page = read(text_pdfs.text_page(shown(LINES)))
    assert texts(page) == LINES
    assert not any(word.hidden for word in page.words)
    assert judge(page).extent is Extent.WHOLE


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"/Rotate": 90},
        {"/Rotate": 180},
        {"/Rotate": 270},
        {"/CropBox": Array([50, 600, 400, 800])},
        {"/MediaBox": Array([-100, -50, 700, 900])},
        {"/CropBox": Array([50, 600, 400, 800]), "/Rotate": 90},
        {"/UserUnit": 2},
        {"/MediaBox": Array([0, 0, 9000, 9000])},
    ],
)
def test_boxes_are_where_the_words_are_rendered(
    read: Read, tmp_path: Path, keys: dict[str, pikepdf.Object]
) -> None:
    page = read(text_pdfs.text_page(shown(["Hxgpx"], y=700, size=30), keys=keys))
    rendered = render_page(tmp_path / "source.pdf", MediaType.PDF, 0)
    assert (page.width, page.height) == (rendered.width, rendered.height)
    (word,) = page.words
    expected = ink_box(rendered.image)
    assert max(abs(a - b) for a, b in zip(word.bbox, expected, strict=True)) <= 3


@pytest.mark.parametrize(
    ("degrees", "matrix", "expected"),
    [
        (0, "1 0 0 1", 0),
        (0, "0 1 -1 0", 90),
        (0, "-1 0 0 -1", 180),
        (0, "0 -1 1 0", 270),
        (90, "0 1 -1 0", 0),
    ],
)
def test_the_turn_that_makes_the_text_upright_is_known(
    read: Read, degrees: int, matrix: str, expected: int
) -> None:
    content = f"BT /F1 14 Tf {matrix} 300 400 Tm (turned words here) Tj ET"
    page = read(text_pdfs.text_page(content, keys={"/Rotate": degrees}))
    assert texts(page) == ["turned words here"]
    assert page.rotation == expected


@pytest.mark.parametrize(
    "turned",
    [
        "q 10 10 20 20 re W n {} Q",
        "1 1 1 rg {}",
        "1 0 0 1 2000 0 cm {}",
    ],
    ids=["clipped", "white on white", "outside"],
)
def test_words_that_are_not_to_be_seen_do_not_turn_the_page(read: Read, turned: str) -> None:
    unseen = turned.format("BT /F1 14 Tf 0 1 -1 0 300 400 Tm (many turned words that nobody sees) Tj ET")
    page = read(text_pdfs.text_page(f"q {unseen} Q {shown(['plain'])}"))
    assert (texts(page), page.rotation) == (["plain"], 0)


def test_a_page_where_no_word_is_seen_is_not_turned(read: Read) -> None:
    content = "BT /F1 14 Tf 0 1 -1 0 2000 400 Tm (outside) Tj ET"
    assert read(text_pdfs.text_page(content)).rotation == 0


@pytest.mark.parametrize(
    "unseen",
    [
        f"1 1 1 rg {shown(['unseen'], y=400)}",
        shown(["unseen"], y=400, mode=3),
        f"/Clear gs {shown(['unseen'], y=400)}",
        shown(["unseen"], y=2000),
        shown(["unseen"], x=-300, y=400),
        f"q 10 10 20 20 re W n {shown(['unseen'], y=400)} Q",
        f"{shown(['unseen'], y=400)} 0 0 0 rg 50 380 200 60 re f",
    ],
    ids=["white on white", "invisible", "transparent", "above", "left", "clipped", "blacked out"],
)
def test_words_that_are_not_to_be_seen_are_left_out(read: Read, unseen: str) -> None:
    page = read(text_pdfs.text_page(f"q {unseen} Q {shown(['plain to see'])}"))
    assert texts(page) == ["plain to see"]


def test_pale_words_are_seen(read: Read) -> None:
    assert texts(read(text_pdfs.text_page("0.93 g " + shown(["watermark - here"], size=10)))) == [
        "watermark - here"
    ]


def test_a_word_painted_twice_to_look_bold_is_there_once(read: Read) -> None:
    content = shown(["bold words"]) + shown(["between"], y=700) + shown(["bold words"], x=72.4)
    assert texts(read(text_pdfs.text_page(content))) == ["bold words", "between"]


def test_a_dash_painted_twice_to_look_bold_is_there_once(read: Read) -> None:
    content = shown(["one \x97 two"]) + shown(["one \x97 two"], x=72.6)
    assert len(read(text_pdfs.text_page(content)).words) == 3


def test_a_column_of_like_words_on_a_huge_page_is_all_there(read: Read) -> None:
    keys = {"/MediaBox": Array([0, 0, 14400, 14400])}
    page = read(text_pdfs.text_page(shown(["MEMBER"] * 40, y=9000, size=10), keys=keys))
    assert texts(page) == ["MEMBER"] * 40


def test_a_hyphen_at_the_end_of_a_line_stays_and_ends_it(read: Read) -> None:
    assert texts(read(text_pdfs.text_page(shown(["an exam-", "ple of it"])))) == ["an exam-", "ple of it"]


def test_ligatures_become_letters(read: Read) -> None:
    data = text_pdfs.text_page(shown(["of@ce"], font="F2"), unicode_map={ord("@"): "\ufb01"})
    assert texts(read(data)) == ["office"]


def test_right_to_left_text_is_in_logical_order(read: Read) -> None:
    seen = " ".join(word[::-1] for word in reversed(["שלום", "עולם"]))
    assert texts(read(text_pdfs.unicode_page([seen]))) == ["שלום עולם"]


def test_characters_beyond_the_basic_plane_do_not_shift_the_words(read: Read) -> None:
    data = text_pdfs.text_page(shown(["a@a after"], font="F2"), unicode_map={ord("@"): "\U0001d400"})
    assert texts(read(data)) == ["a\U0001d400a after"]


def test_a_filled_in_field_is_text_of_the_page(read: Read) -> None:
    with pikepdf.open(io.BytesIO(text_pdfs.text_page(shown(["Name:"])))) as pdf:
        page = pdf.pages[0].obj
        look = pdf.make_stream(
            b"/Tx BMC q BT /F1 12 Tf 2 5 Td (Ada Lovelace) Tj ET Q EMC",
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array([0, 0, 200, 20]),
            Resources=page.Resources,
        )
        field = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T="name", V="Ada Lovelace", F=4,
                Rect=Array([150, 765, 350, 785]), AP=Dictionary(N=look),
            )
        )  # fmt: skip
        page.Annots = Array([field])
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]))
        data = text_pdfs.saved(pdf)
    assert {word.text for word in read(data).words} == {"Name:", "Ada", "Lovelace"}


def test_glyphs_without_characters_are_known_as_such_and_left_to_be_read(read: Read) -> None:
    with pikepdf.open(io.BytesIO(text_pdfs.text_page("BT /F3 12 Tf 72 700 Td (ABBA BAB) Tj ET"))) as pdf:
        pdf.pages[0].obj.Resources.Font.F3 = text_pdfs.unmapped_font(pdf)
        page = read(text_pdfs.saved(pdf))
    assert not any(word.mapped for word in page.words)
    assert judge(page).extent is Extent.NONE


def test_a_shuffled_alphabet_is_not_believed(read: Read) -> None:
    shuffled = dict(zip(string.ascii_lowercase, "qwxzkjvpbgfmcylhdrtsnueaoi", strict=True))
    codes = {ord(letter): other for letter, other in shuffled.items()}
    page = read(text_pdfs.text_page(shown(LINES, font="F2"), unicode_map=codes))
    assert judge(page).extent is Extent.NONE


def test_a_garbled_font_among_others_is_read_where_it_is(read: Read) -> None:
    codes = {ord(letter): chr(0xE000 + ord(letter)) for letter in string.ascii_letters}
    content = shown(["Heading in private use"], font="F2") + shown(LINES, y=700)
    trust = judge(read(text_pdfs.text_page(content, unicode_map=codes)))
    assert trust.extent is Extent.PART
    assert len(trust.lines) == len(LINES)
    (box,) = trust.unread
    assert box.x0 < 72 / 72 * 300 < box.x1 and box.y0 < (842 - 770) / 72 * 300 < box.y1


def test_a_scanned_region_beside_text_is_left_to_be_read(read: Read) -> None:
    content = shown(LINES) + placed(0, 72, 100, 450, 300)
    page = read(text_pdfs.text_page(content, images=[SCAN]))
    trust = judge(page)
    assert trust.extent is Extent.PART
    assert len(trust.lines) == len(LINES)
    assert trust.unread == page.images


def test_a_picture_without_text_is_not_read(read: Read) -> None:
    gradient = Image.linear_gradient("L")
    trust = judge(read(text_pdfs.text_page(shown(LINES) + placed(0, 72, 100, 200, 200), images=[gradient])))
    assert trust.extent is Extent.WHOLE


def test_rules_and_frames_are_not_text(read: Read) -> None:
    table = "".join(f"72 {y} 400 0.8 re f " for y in range(100, 400, 30))
    table += "".join(f"{x} 100 0.8 270 re f " for x in range(72, 480, 100))
    assert read(text_pdfs.text_page(shown(LINES) + table)).unexplained == ()


def test_a_page_that_is_a_scan_with_a_stamp_is_read(read: Read) -> None:
    content = placed(0, 0, 0, 595, 842) + shown(["Page 3 of 10"], y=20)
    trust = judge(read(text_pdfs.text_page(content, images=[SCAN])))
    assert trust.extent is Extent.PART
    assert [word.text for line in trust.lines for word in line] == ["Page", "3", "of", "10"]


def layered_scan(layer: list[str], *, below: bool = False, shift: float = 0.0) -> bytes:
    """A scan of ``LINES`` at 12 points, and a layer of its lines in the same places."""
    sheet = draw_sheet(LINES, font_px=50, margin=0, size=(2479, 1200), line_height=1.4)
    picture = placed(0, 72, 770 + 12 - 1200 / 2479 * 595, 595, 1200 / 2479 * 595)
    text = shown(layer, y=770 + shift, mode=0 if below else 3)
    return text_pdfs.text_page(text + picture if below else picture + text, images=[sheet.image])


@pytest.mark.parametrize("below", [False, True], ids=["invisible", "below the picture"])
def test_a_good_hidden_layer_is_believed(read: Read, below: bool) -> None:
    page = read(layered_scan(LINES, below=below))
    assert all(word.hidden for word in page.words)
    trust = judge(page)
    assert trust.extent is Extent.WHOLE
    assert [" ".join(word.text for word in line) for line in trust.lines] == LINES


@pytest.mark.parametrize(
    ("layer", "shift"),
    [
        ([line.replace("e", "3").replace("t", "|") for line in LINES], 0.0),
        (LINES[:3], 0.0),
        ([line.translate(str.maketrans("aeinort", "qxzkjvw")) for line in LINES], 0.0),
        (LINES, -300.0),
    ],
    ids=["misread", "incomplete", "nonsense", "elsewhere"],
)
def test_a_bad_hidden_layer_is_read_anew(read: Read, layer: list[str], shift: float) -> None:
    assert judge(read(layered_scan(layer, shift=shift))).extent is Extent.NONE


@pytest.mark.parametrize("size", [(0.5, 800), (800, 0.5), (0.5, 0.5), (14400, 14400)])
def test_pages_of_absurd_size_are_read(read: Read, size: tuple[float, float]) -> None:
    page = read(text_pdfs.text_page(shown(LINES), keys={"/MediaBox": Array([0, 0, *size])}))
    assert page.width > 0 and page.height > 0


def test_words_of_absurd_size_are_read(read: Read) -> None:
    content = "BT /F1 1e30 Tf 1e30 0 0 1e30 0 0 Tm (immense) Tj ET " + shown(["plain to see"])
    assert texts(read(text_pdfs.text_page(content)))[-1] == "plain to see"


def test_a_page_without_text_is_left_to_be_read(read: Read) -> None:
    assert judge(read(text_pdfs.text_page(placed(0, 0, 0, 595, 842), images=[SCAN]))).extent is Extent.NONE


def test_columns_do_not_share_lines(read: Read) -> None:
    content = "BT /F1 12 Tf 72 700 Td (left column) Tj 250 0 Td (right column) Tj ET"
    blocks = blocks_of(judge(read(text_pdfs.text_page(content))).lines)
    assert [[word.text for word in block.lines[0].words] for block in blocks] == [
        ["left", "column"],
        ["right", "column"],
    ]


def test_a_stop_painted_apart_from_right_to_left_words_stays_at_their_end(tmp_path: Path) -> None:
    """As word processors paint it: the stop, then the number, each where it stands."""
    words = "\u05e9\u05e0\u05ea 1902."
    path = tmp_path / "page.pdf"
    path.write_bytes(text_pdfs.unicode_page([".1902 \u05ea\u05e0\u05e9"]))
    assert " ".join(word.text for word in read_text_layer(path, 0).words) == words


def test_letters_of_a_right_to_left_script_beyond_the_basic_plane_are_in_logical_order(read: Read) -> None:
    adlam = {ord(place): chr(0x1E900 + index) for index, place in enumerate("ABC")}
    data = text_pdfs.text_page(shown(["CB A"], font="F2"), unicode_map=adlam)
    assert texts(read(data)) == ["\U0001e900 \U0001e901\U0001e902"]


@pytest.mark.parametrize("matrix", ["0 1 -1 0", "0 -1 1 0"])
def test_a_line_that_runs_up_or_down_the_margin_is_not_joined_to_right_to_left_ones(
    read: Read, matrix: str
) -> None:
    """As far from the left as the other is from the foot: so they are level, each in its own direction."""
    hebrew = {ord(place): chr(0x05D0 + index) for index, place in enumerate("ABCDE")}
    content = f"BT /F2 14 Tf 300 540 Td (EDC BA) Tj ET BT /F1 14 Tf {matrix} 540 400 Tm (side note) Tj ET"
    page = read(text_pdfs.text_page(content, unicode_map=hebrew))
    assert texts(page) == ["\u05d0\u05d1 \u05d2\u05d3\u05d4", "side note"]
