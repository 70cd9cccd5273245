"""Searchable PDFs, opened by pdftotext, pdffonts and qpdf (Debian's poppler-utils and qpdf)."""

import io
import re
import statistics
import subprocess
import time
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageCms

from common.adapters.rendering import render_page
from common.adapters.text_layer import read_text_layer
from common.contracts.tasks import MediaType
from common.document.geometry import Box, Placement, union
from common.document.page import Block, Engine, Line, Page, Role, Word
from common.document.text import line_text, words
from common.document.transcript import TranscriptPage
from common.errors import FormatFailed
from common.reading.findings import moved
from tests import files, text_pdfs
from tests.language_pages import samples
from tests.pages import Sheet, blank_page, draw_sheet, paragraphs, scan
from tests.poppler_text import plain_words
from tests.similarity import ssim
from workers.export.document import About
from workers.export.formats import pdf as searchable_pdf

ABOUT = About("Minutes of March", ("de", "en"), datetime(2026, 3, 2, 10, 30, tzinfo=UTC))
DPI = 150
PROOF_DPI = 100
LOOKS_THE_SAME = 0.99
INKS = 0.97  # of inks without a profile programs make different colours
_CONTROLS = re.compile("[\u200e\u200f\u202a-\u202c]")
_BBOX_WORD = re.compile(
    r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>'
)


class Exported:
    def __init__(self, path: Path) -> None:
        self.path = path
        check = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, timeout=30)
        assert check.returncode == 0, check.stdout + check.stderr

    def text(self, *options: str) -> str:
        return _output("pdftotext", *options, str(self.path), "-")

    def words(self) -> list[str]:
        return self.text().split()

    def words_to_pdfium(self) -> list[str]:
        """As a browser finds them."""
        document = pdfium.PdfDocument(self.path)
        return "\n".join(page.get_textpage().get_text_range() for page in document).split()

    def boxes(self) -> list[tuple[str, Sequence[float]]]:
        """In pixels at 150 dpi."""
        found = _BBOX_WORD.findall(self.text("-bbox"))
        return [(word, [float(edge) * DPI / 72 for edge in edges]) for *edges, word in found]

    def picture(self, index: int = 0, dpi: int = PROOF_DPI) -> Image.Image:
        return render_page(self.path, MediaType.PDF, index, dpi=dpi).image

    def facts(self) -> dict[str, str]:
        pairs = (line.split(":", 1) for line in _output("pdfinfo", str(self.path)).splitlines())
        return {key: value.strip() for key, value in pairs}


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout


class Exporter:
    def __init__(self, folder: Path) -> None:
        self.source = folder / "source"
        self._out = folder / "out.pdf"

    def __call__(
        self,
        pages: Iterable[Page | None],
        data: bytes,
        media_type: MediaType = MediaType.PDF,
        *,
        source_pages: Sequence[int] | None = None,
        pdfa: bool = False,
    ) -> Exported:
        self.source.write_bytes(data)
        numbered = (
            TranscriptPage(index, source_pages[index] if source_pages else index, page)
            for index, page in enumerate(pages)
        )
        searchable_pdf.write(numbered, ABOUT, self.source, media_type, self._out, pdfa=pdfa)
        return Exported(self._out)


@pytest.fixture
def export(tmp_path: Path) -> Exporter:
    return Exporter(tmp_path)


def page_of(sheet: Sheet, engine: Engine = Engine.TESSERACT) -> Page:
    """What a reader without faults finds on it."""
    placed = iter(sheet.words)
    lines = []
    for text in filter(None, sheet.lines):
        found = tuple(Word(word, Box(*next(placed).bbox), 0.9) for word in text.split())
        lines.append(Line(found, union(word.bbox for word in found)))
    blocks = (Block(tuple(lines), union(line.bbox for line in lines)),)
    return Page(*sheet.image.size, engine, blocks)


def page_with(*found: Word, engine: Engine = Engine.TESSERACT, in_one_line: bool = False) -> Page:
    """A4 at 150 dpi, a line for each word, or one for all."""
    rows = [found] if in_one_line else [(word,) for word in found]
    lines = tuple(Line(row, union(word.bbox for word in row)) for row in rows)
    return Page(1240, 1754, engine, (Block(lines, union(line.bbox for line in lines)),))


def texts(page: Page) -> list[str]:
    return [word.text for word in words(page.blocks)]


def prose(seed: int = 1) -> Sheet:
    return draw_sheet(paragraphs(seed, count=3, words_each=40, columns=60), size=(1240, 1000), font_px=26)


def seen(page: Page, placement: Placement) -> Page:
    """The page after its image was changed; its reading needs the reverse."""
    return Page(*placement.target, page.engine, moved(page.blocks, placement.forward), page.tables)


def assert_same_look(
    exported: Exported, source: Path, media_type: MediaType, least: float = LOOKS_THE_SAME
) -> None:
    picture = exported.picture()
    sent = render_page(source, media_type, 0, dpi=PROOF_DPI).image
    sent = sent if sent.size == picture.size else sent.resize(picture.size, Image.Resampling.BOX)
    assert ssim(picture, sent) >= least


# --- words and where they are -------------------------------------------------------------------


def test_words_of_a_scan_are_found_at_their_places(export: Exporter) -> None:
    sheet = prose()
    exported = export([page_of(sheet)], files.scanned_pdf([sheet.image], DPI))
    assert exported.words() == exported.words_to_pdfium() == sheet.text.split()
    _assert_at_their_places(exported, page_of(sheet))
    assert_same_look(exported, export.source, MediaType.PDF)


def _assert_at_their_places(exported: Exported, page: Page, px: float = 3.0) -> None:
    boxes = exported.boxes()
    known = list(words(page.blocks))
    assert [text for text, _ in boxes] == [word.text for word in known]
    off = [
        abs(found - edge)
        for (_, box), word in zip(boxes, known, strict=True)
        for found, edge in zip(box, word.bbox, strict=True)
    ]
    assert statistics.median(off) <= px
    assert statistics.quantiles(off, n=20)[-1] <= 2 * px


UPWARDS = 270  # poppler puts blocks whose lines run upwards in the reverse order, painted ones as well


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_words_of_a_page_that_lies_run_along_its_lines(export: Exporter, turn: int, rotate: int) -> None:
    sheet = prose()
    lying = seen(page_of(sheet), Placement.unchanged(sheet.image.size).turned(turn))
    lying = Page(lying.width, lying.height, lying.engine, lying.blocks, rotation=-turn % 360)
    stored = sheet.image.rotate(rotate - turn, expand=True)
    source = files.turned_pdf(files.scanned_pdf([stored], DPI), rotate)
    exported = export([lying], source)
    assert exported.text("-raw").split() == texts(lying)
    if turn != UPWARDS:
        assert exported.words() == texts(lying)
    boxes, off = exported.boxes(), []
    for word in words(lying.blocks):
        same = [box for text, box in boxes if text == word.text]
        off.append(min(max(abs(a - b) for a, b in zip(box, word.bbox, strict=True)) for box in same))
    assert statistics.median(off) <= 3


def test_words_of_a_skewed_page_stay_on_their_places(export: Exporter) -> None:
    rows = [" ".join(f"{a}{b}wort" for b in "klmnop") for a in "abcdefgh"]
    sheet = draw_sheet(rows, font_px=26)
    placement = Placement.unchanged(sheet.image.size).straightened(2)
    page = seen(page_of(sheet), placement)
    image = sheet.image.rotate(-2, expand=True, fillcolor=255)
    exported = export([page], files.scanned_pdf([image], DPI))
    boxes = dict(exported.boxes())
    assert set(boxes) == set(texts(page))
    off = [abs(a - b) for w in words(page.blocks) for a, b in zip(boxes[w.text], w.bbox, strict=True)]
    assert statistics.median(off) <= 3


@pytest.mark.parametrize("degrees", [-2, -1, -0.5, 0.5, 1, 2])
def test_a_page_askew_is_read_in_the_order_of_its_lines(export: Exporter, degrees: float) -> None:
    rows = paragraphs(5, count=3, words_each=60, columns=82)
    sheet = draw_sheet(rows, size=(1240, 1300), font_px=25, line_height=1.3)
    page = seen(page_of(sheet), Placement.unchanged(sheet.image.size).straightened(degrees))
    exported = export([page], files.scanned_pdf([blank_page((page.width, page.height))], DPI))
    assert exported.words() == exported.words_to_pdfium() == texts(page)
    _assert_at_their_places(exported, page)


def test_neighbouring_words_are_read_with_a_blank_between(export: Exporter) -> None:
    page = _line_of(("Oak", 100, 160), ("planks", 160, 270), ("120", 268, 330), ("cut", 331, 390))
    exported = export([page], files.scanned_pdf([blank_page((1240, 1754))], DPI))
    assert exported.words() == exported.words_to_pdfium() == texts(page)
    assert exported.text("-raw").split() == texts(page)


def test_a_word_whose_box_covers_others_does_not_tear_its_line(export: Exporter) -> None:
    page = _line_of(
        ("يحتفظ", 900, 990), ("مدير", 810, 880), ("الميناء", 400, 790), ("بسجل", 500, 590), ("لكل", 410, 480)
    )
    exported = export([page], files.scanned_pdf([blank_page((1240, 1754))], DPI))
    assert plain_words(exported.text()) == exported.words_to_pdfium() == texts(page)


@pytest.mark.parametrize("word", ["ירושלים", "(2026)", "A4", "12:30", "بنسبة25", "1902."])
def test_words_among_those_of_a_leftward_line_come_back(export: Exporter, word: str) -> None:
    page = _line_of(("שלום", 900, 990), (word, 700, 880), ("עולם", 560, 680))
    exported = export([page], files.scanned_pdf([blank_page((1240, 1754))], DPI))
    assert plain_words(exported.text()) == texts(page)


@pytest.mark.parametrize(
    "phrase",
    [
        "מחיר $12.50",
        "מחיר $12.50 היום",
        "ילד 50% שלום",
        "ילד -5°, שלום.",
        "שלום, עולם.",
        "גרסה חדשה Window (ab) שלום",
        "السعر 50% اليوم",
        "من 10-20 يوم",
    ],
)
def test_signs_beside_numbers_of_a_leftward_line_come_back(export: Exporter, phrase: str) -> None:
    """Poppler's own controls aside, to the letter."""
    exported = export([_written([phrase])], files.scanned_pdf([blank_page((2480, 600))], 300))
    assert _CONTROLS.sub("", exported.text()).split() == phrase.split()


def _line_of(*found: tuple[str, int, int]) -> Page:
    """Texts with their left and right edges."""
    return page_with(*(Word(text, Box(x0, 100, x1, 130), 0.9) for text, x0, x1 in found), in_one_line=True)


def test_a_crop_box_away_from_the_corner_moves_the_words_with_it(export: Exporter) -> None:
    sheet = prose()
    with pikepdf.open(io.BytesIO(files.scanned_pdf([sheet.image], DPI))) as pdf:
        page = pdf.pages[0]
        width, height = (float(edge) for edge in list(page.mediabox)[2:])
        page.MediaBox = pikepdf.Array([-50, -80, width + 30, height + 20])
        page.CropBox = pikepdf.Array([0, 0, width, height])
        source = text_pdfs.saved(pdf)
    exported = export([page_of(sheet)], source)
    moved_by = (50 * DPI / 72, 20 * DPI / 72)  # poppler tells places in the media box
    first, box = exported.boxes()[0]
    known = next(iter(words(page_of(sheet).blocks)))
    assert first == known.text
    assert [a - b for a, b in zip(box, known.bbox, strict=True)] == pytest.approx(
        [*moved_by, *moved_by], abs=3
    )


def test_two_columns_are_read_one_after_the_other(export: Exporter) -> None:
    left, right = (
        draw_sheet(paragraphs(seed, 1, 60, 26), size=(600, 900), font_px=24, margin=40, line_height=1.2)
        for seed in (1, 2)
    )
    image = Image.new("L", (1200, 900), 255)
    image.paste(left.image, (0, 0))
    image.paste(right.image, (600, 0))
    shifted = moved(page_of(right).blocks, lambda box: Box(box.x0 + 600, box.y0, box.x1 + 600, box.y1))
    page = Page(1200, 900, Engine.TESSERACT, (*page_of(left).blocks, *shifted))
    exported = export([page], files.scanned_pdf([image], DPI))
    assert exported.words() == texts(page)


def test_cells_of_a_table_stay_in_their_columns(export: Exporter) -> None:
    rows = [("Item", "Amount", "Price"), ("Lantern", "2", "14.50"), ("Ladder", "1", "89.00")]
    lines = []
    for row, cells in enumerate(rows):
        found = tuple(
            Word(cell, Box(100 + 400 * column, 100 + 60 * row, 160 + 400 * column, 130 + 60 * row), 0.9)
            for column, cell in enumerate(cells)
        )
        lines.append(Line(found, union(word.bbox for word in found)))
    block = Block(tuple(lines), union(line.bbox for line in lines), Role.TABLE)
    page = Page(1240, 400, Engine.TESSERACT, (block,))
    exported = export([page], files.scanned_pdf([blank_page((1240, 400))], DPI))
    assert [line.split() for line in exported.text("-layout").strip().splitlines() if line] == [
        list(cells) for cells in rows
    ]


def test_columns_of_east_asia_are_found_whole(export: Exporter) -> None:
    columns = ("人人生而自由", "在尊严和权利上")
    page = page_with(
        *(
            Word(text, Box(900 - 100 * i, 200, 960 - 100 * i, 200 + 60 * len(text)), 0.9)
            for i, text in enumerate(columns)
        )
    )
    exported = export([page], files.scanned_pdf([blank_page((1240, 1754))], DPI))
    assert exported.words() == list(columns)


def test_a_note_that_runs_up_the_margin_is_read_from_its_foot(export: Exporter) -> None:
    note = (("arXiv", 900, 1000), ("1234", 800, 880), ("2020", 700, 780))
    page = page_with(*(Word(text, Box(20, y0, 50, y1), 0.9) for text, y0, y1 in note), in_one_line=True)
    exported = export([page], files.scanned_pdf([blank_page((1240, 1754))], DPI))
    assert exported.words() == texts(page)
    _assert_at_their_places(exported, page)


def test_two_narrow_letters_are_no_column(export: Exporter) -> None:
    page = page_with(Word("ll", Box(100, 100, 112, 130), 0.9))
    exported = export([page], files.scanned_pdf([blank_page((1240, 1754))], DPI))
    content = b"".join(_forms(exported.path))
    assert b"1 0 0 1" in content
    assert b"0 -1 1 0" not in content


def _forms(path: Path) -> Iterator[bytes]:
    with pikepdf.open(path) as pdf:
        for found in pdf.objects:
            if isinstance(found, pikepdf.Stream) and found.get("/Subtype") == "/Form":
                yield found.read_bytes()


# --- scripts ------------------------------------------------------------------------------------


def test_every_language_comes_back_as_it_went_in(export: Exporter) -> None:
    pages = [_written(lines) for lines in samples().values()]
    size = (pages[0].width, pages[0].height)
    exported = export(pages, files.scanned_pdf([blank_page(size)] * len(pages), 300))
    found = exported.text().split("\f")
    differing = {
        code: text
        for code, page, text in zip(samples(), pages, found, strict=False)
        if plain_words(text) != plain_words("\n".join(line_text(line) for line in page.blocks[0].lines))
    }
    assert not differing
    fonts = _output("pdffonts", str(exported.path)).splitlines()[2:]
    assert fonts
    assert all(line.split()[-5:-2] == ["yes", "no", "yes"] for line in fonts)  # embedded, subset, unicode


def _written(lines: Sequence[str]) -> Page:
    """The lines in boxes as words would have them; three letters a word where there are no blanks."""
    found = []
    for row, text in enumerate(lines):
        parts = text.split() if " " in text else [text[i : i + 3] for i in range(0, len(text), 3)]
        gap = 20 if " " in text else 4
        leftwards = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)
        x, y = 100, 60 + 80 * row
        line = []
        for part in parts:
            width = 14 * max(1, sum(not unicodedata.combining(letter) for letter in part))
            left = 2480 - x - width if leftwards else x
            line.append(Word(part, Box(left, y, left + width, y + 50), 0.9))
            x += width + gap
        found.append(Line(tuple(line), union(word.bbox for word in line)))
    return Page(2480, 600, Engine.TESSERACT, (Block(tuple(found), union(line.bbox for line in found)),))


@pytest.mark.parametrize("word", ["😀👍🏽", "𐤀𐤁𐤂", "𠀀𠮷", "𐍈"])
def test_characters_beyond_the_basic_plane_are_found(export: Exporter, word: str) -> None:
    page = page_with(Word(word, Box(100, 100, 300, 140), 0.9))
    exported = export([page], files.scanned_pdf([blank_page((1240, 1754))], DPI))
    assert plain_words(exported.text()) == [word]
    assert exported.words_to_pdfium() == [word]


def test_what_no_text_can_hold_is_left_out(export: Exporter) -> None:
    page = page_with(Word("a\x00b\ud800c\nd", Box(100, 100, 300, 140), 0.9), Word(" ", Box(9, 9, 9, 9), 0.9))
    assert export([page], files.scanned_pdf([blank_page((1240, 1754))], DPI)).words() == ["abc", "d"]


# --- the page's own text ------------------------------------------------------------------------


def test_a_page_of_trusted_text_keeps_its_bytes(export: Exporter) -> None:
    source = files.born_digital_pdf([["Sound text of its own"]])
    page = page_with(Word("Sound", Box(150, 140, 200, 160), 1.0), engine=Engine.TEXT_LAYER)
    exported = export([page], source)
    with pikepdf.open(exported.path) as after, pikepdf.open(io.BytesIO(source)) as before:
        assert after.pages[0].Contents.read_raw_bytes() == before.pages[0].Contents.read_raw_bytes()
        assert list(after.pages[0].Resources.keys()) == ["/Font"]


def test_words_missing_from_a_page_are_added_to_its_own(export: Exporter) -> None:
    source = text_pdfs.text_page(text_pdfs.shown(["Sound text"]))
    page = page_with(
        Word("Sound", Box(150, 140, 200, 160), 1.0),
        Word("text", Box(210, 140, 250, 160), 1.0),
        Word("stamped", Box(400, 900, 600, 940), 0.9, Engine.TESSERACT),
        engine=Engine.TEXT_LAYER,
    )
    exported = export([page], source)
    assert exported.words() == ["Sound", "text", "stamped"]


def test_a_bad_invisible_layer_gives_way_to_the_new_one(export: Exporter) -> None:
    source = text_pdfs.text_page(text_pdfs.shown(["vv0rds m1sread"], mode=3))
    exported = export([page_with(Word("words", Box(150, 140, 260, 170), 0.9))], source)
    assert exported.words() == exported.words_to_pdfium() == ["words"]
    with pikepdf.open(exported.path) as pdf:
        pdf.pages[0].contents_coalesce()
        assert b"m1sread" not in pdf.pages[0].Contents.read_bytes()


def test_a_refused_invisible_layer_goes_where_painted_text_stays(export: Exporter) -> None:
    ground = draw_sheet(paragraphs(4, count=2, words_each=30, columns=40), size=(1000, 700)).image
    source = text_pdfs.text_page(
        text_pdfs.placed(0, 40, 200, 500, 350)
        + text_pdfs.shown(["Sound text"])
        + text_pdfs.shown(["vv0rds m1sread"], y=500, mode=3),
        images=[ground],
    )
    export.source.write_bytes(source)
    own = read_text_layer(export.source, 0)
    sound = [Word(word.text, word.bbox, 1.0) for word in own.words if not word.hidden]
    assert len(sound) == 2 and len(own.words) == 4
    lines = [
        Line((word,), word.bbox)
        for word in (*sound, Word("words", Box(300, 1200, 400, 1250), 0.9, Engine.TESSERACT))
    ]
    page = Page(own.width, own.height, Engine.TEXT_LAYER, (Block(tuple(lines), Box(0, 0, 1, 1)),))
    assert sorted(export([page], source).words()) == ["Sound", "text", "words"]


def test_a_believed_invisible_layer_stays_where_words_are_added(export: Exporter) -> None:
    ground = draw_sheet(["believed words"], size=(1000, 700)).image
    source = text_pdfs.text_page(
        text_pdfs.placed(0, 40, 200, 500, 350)
        + text_pdfs.shown(["believed words"], x=70, y=508, size=20, mode=3),
        images=[ground],
    )
    export.source.write_bytes(source)
    own = read_text_layer(export.source, 0)
    found = [Word(word.text, word.bbox, 0.95) for word in own.words]
    assert [word.hidden for word in own.words] == [True, True]
    lines = [
        Line((word,), word.bbox)
        for word in (*found, Word("added", Box(300, 1200, 400, 1250), 0.9, Engine.TESSERACT))
    ]
    page = Page(own.width, own.height, Engine.TEXT_LAYER, (Block(tuple(lines), Box(0, 0, 1, 1)),))
    assert sorted(export([page], source).words()) == ["added", "believed", "words"]


def test_garbled_painted_text_is_still_seen_and_not_found(export: Exporter) -> None:
    source = text_pdfs.text_page(text_pdfs.shown(["Xqzw vbnk", "rrtw"], size=30))
    exported = export([page_with(Word("words", Box(150, 140, 260, 170), 0.9))], source)
    assert exported.words() == exported.words_to_pdfium() == ["words"]
    assert_same_look(exported, export.source, MediaType.PDF)


def test_a_bad_invisible_layer_of_a_blank_page_goes(export: Exporter) -> None:
    source = text_pdfs.text_page(text_pdfs.shown(["vv0rds m1sread"], mode=3))
    assert export([Page(1240, 1754, Engine.TESSERACT)], source).words() == []


def test_stray_ends_of_spans_do_not_bring_silenced_words_back(export: Exporter) -> None:
    garbled = text_pdfs.shown(["Xqzw vbnk"], size=30)
    source = text_pdfs.text_page(f"EMC /Span BMC EMC EMC {garbled} EMC {garbled}")
    exported = export([page_with(Word("words", Box(150, 140, 260, 170), 0.9))], source)
    assert exported.words() == exported.words_to_pdfium() == ["words"]
    assert_same_look(exported, export.source, MediaType.PDF)


def test_an_exported_file_sent_again_has_its_words_once(export: Exporter) -> None:
    sheet = prose()
    first = export([page_of(sheet)], files.scanned_pdf([sheet.image], DPI))
    again = export([page_of(sheet)], first.path.read_bytes())
    assert again.words() == sheet.text.split()


def test_a_failed_page_is_there_as_it_was_sent(export: Exporter) -> None:
    source = text_pdfs.text_page(text_pdfs.shown(["Unread text"], size=30))
    exported = export([None], source)
    assert exported.words() == ["Unread", "text"]
    assert_same_look(exported, export.source, MediaType.PDF)


# --- the document -------------------------------------------------------------------------------


def test_selected_pages_come_in_their_order_and_alone(export: Exporter) -> None:
    source = files.born_digital_pdf([["first"], ["second"], ["third"], ["fourth"]])
    page = page_with(Word("x", Box(150, 140, 160, 160), 1.0), engine=Engine.TEXT_LAYER)
    exported = export([page, page], source, source_pages=[1, 3])
    assert exported.words() == ["second", "fourth"]
    assert exported.path.stat().st_size < len(source)


@pytest.mark.parametrize(
    "value", [3, True, pikepdf.Name.Odd, pikepdf.Dictionary(), pikepdf.Array([1, 2])], ids=repr
)
def test_selected_pages_keep_what_is_text_of_what_the_file_says_of_itself(
    export: Exporter, value: object
) -> None:
    with pikepdf.open(io.BytesIO(files.born_digital_pdf([["first"], ["second"]]))) as pdf:
        pdf.docinfo["/Author"] = "Ada"
        pdf.docinfo["/Count"] = value
        pdf.docinfo["/Subject"] = value
        source = text_pdfs.saved(pdf)
    with pikepdf.open(export([None], source, source_pages=[1]).path) as pdf:
        assert str(pdf.docinfo["/Author"]) == "Ada"
        assert not {"/Count", "/Subject"} & set(pdf.docinfo.keys())


def test_nothing_of_other_pages_comes_along_with_the_selected(export: Exporter) -> None:
    with pikepdf.open(io.BytesIO(files.born_digital_pdf([["first"], ["second"]]))) as pdf:
        font = pdf.pages[0].Resources.Font.F1
        picture = pdf.make_stream(b"", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Secret="drawn")
        shared = pikepdf.Dictionary(
            Font=pikepdf.Dictionary(F1=font), XObject=pikepdf.Dictionary(Drawn=picture)
        )
        field = pdf.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Tx, T="salary", V="a secret sum"))
        field.Kids = pikepdf.Array()
        for page in pdf.pages:
            widget = pdf.make_indirect(
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, Rect=[0, 0, 9, 9], Parent=field
                )
            )
            widget.AA = pikepdf.Dictionary(
                U=pikepdf.Dictionary(S=pikepdf.Name.Hide, T=pikepdf.Array([field]))
            )
            page.obj.Annots = pikepdf.Array([widget])
            page.obj.Resources = shared
            field.Kids.append(widget)
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))
        source = text_pdfs.saved(pdf)
    exported = export([None], source, source_pages=[1])
    plain = io.BytesIO()
    with pikepdf.open(exported.path) as pdf:
        pdf.save(plain, qdf=True)
    assert b"secret sum" not in plain.getvalue()
    assert b"Secret" not in plain.getvalue()
    assert exported.words() == ["second"]
    with pikepdf.open(exported.path) as pdf:
        assert len(pdf.pages[0].Annots) == 1


def test_an_author_whom_the_file_names_stays(export: Exporter) -> None:
    with pikepdf.open(io.BytesIO(files.born_digital_pdf([["text"]]))) as pdf:
        pdf.docinfo["/Author"] = "Ada"
        source = text_pdfs.saved(pdf)
    assert export([None], source).facts()["Author"] == "Ada"


def test_outline_links_labels_and_form_stay(export: Exporter) -> None:
    sheets = [prose(1), prose(2)]
    with pikepdf.open(io.BytesIO(files.scanned_pdf([sheet.image for sheet in sheets], DPI))) as pdf:
        with pdf.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("Second part", 1))
        pdf.Root.PageLabels = pikepdf.Dictionary(
            Nums=pikepdf.Array([0, pikepdf.Dictionary(S=pikepdf.Name.r)])
        )
        link = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Link,
            Rect=[10, 10, 90, 30],
            A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://example.org/"),
        )
        field = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                FT=pikepdf.Name.Tx,
                T="name",
                V="Ada",
                Rect=[100, 10, 200, 30],
            )
        )
        pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(link), field])
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))
        source = text_pdfs.saved(pdf)
    exported = export([page_of(sheet) for sheet in sheets], source)
    with pikepdf.open(exported.path) as pdf:
        with pdf.open_outline() as outline:
            assert [item.title for item in outline.root] == ["Second part"]
        assert pdf.pages[1].label == "ii"
        assert str(pdf.pages[0].Annots[0].A.URI) == "https://example.org/"
        assert str(pdf.Root.AcroForm.Fields[0].V) == "Ada"
        assert pdf.Root.AcroForm.Fields[0].objgen == pdf.pages[0].Annots[1].objgen


def test_title_and_language_are_set(export: Exporter) -> None:
    sheet = prose()
    exported = export([page_of(sheet)], files.scanned_pdf([sheet.image], DPI))
    assert exported.facts()["Title"] == "Minutes of March"
    with pikepdf.open(exported.path) as pdf:
        assert str(pdf.Root.Lang) == "de"
        with pdf.open_metadata() as metadata:
            assert metadata["dc:title"] == "Minutes of March"


def test_a_title_of_the_file_itself_stays(export: Exporter) -> None:
    with pikepdf.open(io.BytesIO(files.born_digital_pdf([["text"]]))) as pdf:
        pdf.docinfo["/Title"] = "Its own title"
        pdf.Root.Lang = "fr-CA"
        source = text_pdfs.saved(pdf)
    exported = export([None], source)
    assert exported.facts()["Title"] == "Its own title"
    with pikepdf.open(exported.path) as pdf:
        assert str(pdf.Root.Lang) == "fr-CA"


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7 and no more", files.encrypted_pdf(files.born_digital_pdf([["a"]]))]
)
def test_a_file_that_cannot_be_taken_apart_is_refused_in_a_sentence(export: Exporter, data: bytes) -> None:
    with pytest.raises(FormatFailed, match="damaged"):
        export([None], data)


@pytest.mark.parametrize("error", [KeyError, AttributeError, TypeError, ValueError, RuntimeError])
def test_a_fault_of_our_own_is_not_laid_to_the_file(export: Exporter, error: type[Exception]) -> None:
    def pages() -> Iterator[Page | None]:
        raise error("a bug")
        yield

    with pytest.raises(error, match="a bug"):
        export(pages(), files.born_digital_pdf([["a"]]))


def test_a_page_that_is_not_in_the_file_is_refused(export: Exporter) -> None:
    with pytest.raises(FormatFailed, match="page 8"):
        export([None], files.born_digital_pdf([["a"]]), source_pages=[7])


def test_forty_scanned_pages_take_no_more_than_six_seconds(tmp_path: Path) -> None:
    sheet = scan(3)
    source, out = tmp_path / "source.pdf", tmp_path / "out.pdf"
    with pikepdf.open(io.BytesIO(files.scanned_pdf([sheet.image], 300))) as pdf:
        for index in range(39):
            pdf.pages.append(pdf.pages[0])
            _with_a_picture_of_its_own(pdf, pdf.pages[-1], index)
        pdf.save(source)
    pages = (TranscriptPage(index, index, page_of(sheet)) for index in range(40))
    begin = time.process_time()
    searchable_pdf.write(pages, ABOUT, source, MediaType.PDF, out, pdfa=False)
    assert time.process_time() - begin <= 40 * 0.15
    with pikepdf.open(out) as pdf:
        assert len(pdf.pages) == 40


def _with_a_picture_of_its_own(pdf: pikepdf.Pdf, page: pikepdf.Page, index: int) -> None:
    name, picture = next(iter(page.get_images().items()))
    own = pdf.make_stream(picture.read_raw_bytes() + b"\n%d" % index, dict(picture.stream_dict))
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary({name: own}))


# --- PDF/A --------------------------------------------------------------------------------------


def test_a_scan_can_be_kept_as_pdf_a(export: Exporter) -> None:
    sheet = prose()
    exported = export([page_of(sheet)], files.scanned_pdf([sheet.image], DPI), pdfa=True)
    assert exported.words() == sheet.text.split()
    with pikepdf.open(exported.path) as pdf, pdf.open_metadata() as metadata:
        assert metadata.pdfa_status == "2B"


def test_a_picture_for_print_can_be_kept_as_pdf_a(export: Exporter) -> None:
    sheet = prose()
    data = files.encoded(sheet.image.convert("CMYK"), "JPEG", quality=90)
    exported = export([page_of(sheet)], data, MediaType.JPEG, pdfa=True)
    assert exported.words() == sheet.text.split()
    assert_same_look(exported, export.source, MediaType.JPEG)


def test_what_a_program_noted_beside_the_pages_does_not_rule_out_pdf_a(export: Exporter) -> None:
    sheet = prose()
    source = io.BytesIO()
    with pikepdf.open(io.BytesIO(files.scanned_pdf([sheet.image], DPI))) as pdf:
        pdf.trailer["/DocChecksum"] = pikepdf.Name("/49D6B7B9")
        pdf.Root.OpenAction = pikepdf.Array([pdf.pages[0].obj, pikepdf.Name.Fit])
        pdf.save(source)
    assert b"/DocChecksum" in source.getvalue()
    assert export([page_of(sheet)], source.getvalue(), pdfa=True).words() == sheet.text.split()


def test_fonts_that_are_not_in_the_file_rule_out_pdf_a(export: Exporter) -> None:
    with pytest.raises(
        FormatFailed, match=r"PDF/A.*\. Ask for it without pdfa=true, or .* fonts embedded\.$"
    ):
        export([None], files.born_digital_pdf([["Helvetica by name alone"]]), pdfa=True)


# --- pictures -----------------------------------------------------------------------------------

COLOURS = Image.merge(
    "RGB",
    [Image.linear_gradient("L"), Image.radial_gradient("L"), Image.linear_gradient("L").rotate(90)],
)


def _drawn(sheet: Sheet | None = None) -> tuple[Sheet, Image.Image]:
    """Text, and colours beside it."""
    sheet = sheet or prose()
    image = sheet.image.convert("RGB")
    image.paste(COLOURS, (900, 700))
    return sheet, image


def _deep(image: Image.Image) -> Image.Image:
    return image.convert("I").point(lambda level: level * 257).convert("I;16")


def _in_palette(image: Image.Image, colours: int = 256) -> Image.Image:
    return image.quantize(colours, dither=Image.Dither.NONE)


def _black_and_white(image: Image.Image) -> Image.Image:
    return image.convert("1", dither=Image.Dither.NONE)


PICTURES = {
    "grey PNG": (MediaType.PNG, lambda i: files.png(i.convert("L"))),
    "RGB PNG": (MediaType.PNG, files.png),
    "PNG with a palette": (MediaType.PNG, lambda i: files.png(_in_palette(i))),
    "PNG with a small palette": (MediaType.PNG, lambda i: files.png(_in_palette(i, 4))),
    "black and white PNG": (MediaType.PNG, lambda i: files.png(_black_and_white(i))),
    "deep PNG": (MediaType.PNG, lambda i: files.png(_deep(i.convert("L")))),
    "PNG on glass": (MediaType.PNG, lambda i: files.png(files.on_glass(i.convert("L")))),
    "PNG with a see-through colour": (
        MediaType.PNG,
        lambda i: files.encoded(_in_palette(i), "PNG", transparency=3),
    ),
    "grey JPEG": (MediaType.JPEG, lambda i: files.jpeg(i.convert("L"))),
    "RGB JPEG": (MediaType.JPEG, files.jpeg),
    "progressive JPEG": (MediaType.JPEG, lambda i: files.encoded(i, "JPEG", progressive=True)),
    "CMYK JPEG": (
        MediaType.JPEG,
        lambda i: files.encoded(i.convert("L").convert("RGB").convert("CMYK"), "JPEG"),
    ),
    "JPEG with a profile": (
        MediaType.JPEG,
        lambda i: files.encoded(
            i, "JPEG", icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        ),
    ),
    "WEBP": (MediaType.WEBP, lambda i: files.encoded(i, "WEBP", lossless=True)),
    "WEBP on glass": (
        MediaType.WEBP,
        lambda i: files.encoded(files.on_glass(i.convert("L")), "WEBP", lossless=True),
    ),
    "GIF": (MediaType.GIF, lambda i: files.encoded(_in_palette(i), "GIF")),
    "BMP": (MediaType.BMP, lambda i: files.encoded(i, "BMP")),
    "TIFF": (MediaType.TIFF, lambda i: files.encoded(i, "TIFF")),
    "fax": (MediaType.TIFF, lambda i: files.encoded(_black_and_white(i), "TIFF", compression="group4")),
    "CMYK TIFF": (MediaType.TIFF, lambda i: files.encoded(i.convert("CMYK"), "TIFF")),
    "deep TIFF": (MediaType.TIFF, lambda i: files.encoded(_deep(i.convert("L")), "TIFF")),
    "PNM": (MediaType.PNM, lambda i: files.encoded(i, "PPM")),
    "PBM": (MediaType.PNM, lambda i: files.encoded(_black_and_white(i), "PPM")),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_looks_as_sent_and_has_its_words(export: Exporter, name: str) -> None:
    media_type, encode = PICTURES[name]
    sheet, image = _drawn()
    exported = export([page_of(sheet)], encode(image), media_type)
    assert exported.words() == sheet.text.split()
    assert_same_look(exported, export.source, media_type, INKS if name == "CMYK JPEG" else LOOKS_THE_SAME)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_shown_upright_with_its_words(export: Exporter, orientation: int) -> None:
    sheet, image = _drawn()
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = image.transpose(_STORED[orientation]) if orientation > 1 else image
    data = files.encoded(stored, "JPEG", quality=90, exif=exif)
    exported = export([page_of(sheet)], data, MediaType.JPEG)
    assert exported.words() == sheet.text.split()
    _assert_at_their_places(exported, page_of(sheet))
    assert_same_look(exported, export.source, MediaType.JPEG)


# What turns an upright picture into the stored one.
_STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def test_a_jpeg_is_in_the_file_as_it_was_sent(export: Exporter) -> None:
    sheet, image = _drawn()
    data = files.jpeg(image)
    exported = export([page_of(sheet)], data, MediaType.JPEG)
    assert data in exported.path.read_bytes()


def test_a_png_keeps_its_pixels_and_their_depth(export: Exporter) -> None:
    sheet = prose()
    deep = _deep(sheet.image)
    exported = export([page_of(sheet)], files.png(deep), MediaType.PNG)
    with pikepdf.open(exported.path) as pdf:
        picture = next(iter(pdf.pages[0].get_images().values()))
        assert picture.BitsPerComponent == 16
        swapped = deep.tobytes()
        pairs = zip(swapped[1::2], swapped[::2], strict=True)
        assert picture.read_bytes() == bytes(byte for pair in pairs for byte in pair)


def test_the_page_is_as_large_as_the_resolution_says(export: Exporter) -> None:
    sheet = prose()
    data = files.encoded(sheet.image, "PNG", dpi=(300, 300))
    exported = export([page_of(sheet)], data, MediaType.PNG)
    assert exported.facts()["Page size"].startswith("297.60"[:5])


def test_frames_of_a_tiff_are_pages(export: Exporter) -> None:
    sheets = [prose(1), prose(2), prose(3)]
    data = files.frames([sheet.image for sheet in sheets], "TIFF")
    pages = [page_of(sheets[0]), page_of(sheets[2])]
    exported = export(pages, data, MediaType.TIFF, source_pages=[0, 2])
    assert exported.text().split("\f")[1].split() == sheets[2].text.split()
    assert exported.facts()["Pages"] == "2"


ONE_STRIP, MANY_STRIPS = 5000, 128  # rows of each
TIFFS = {  # compression, mode, rows of a strip; filter, bits and most bytes for one of the file
    "fax": ("group4", "1", ONE_STRIP, "/CCITTFaxDecode", 1, 1.1),
    "fax in strips": ("group4", "1", MANY_STRIPS, "/FlateDecode", 1, 6),
    "grey JPEG": ("jpeg", "L", ONE_STRIP, "/DCTDecode", 8, 1.1),
    "JPEG": ("jpeg", "YCbCr", ONE_STRIP, "/DCTDecode", 8, 1.1),
    "JPEG in strips": ("jpeg", "RGB", MANY_STRIPS, "/DCTDecode", 8, 2.5),
    "Deflate": ("tiff_adobe_deflate", "RGB", ONE_STRIP, "/FlateDecode", 8, 1.1),
    "Deflate in strips": ("tiff_adobe_deflate", "L", MANY_STRIPS, "/FlateDecode", 8, 2),
    "Deflate of bits": ("tiff_adobe_deflate", "1", ONE_STRIP, "/FlateDecode", 1, 1.1),
    "LZW": ("tiff_lzw", "L", ONE_STRIP, "/FlateDecode", 8, 1.1),
    "LZW in strips": ("tiff_lzw", "RGB", MANY_STRIPS, "/FlateDecode", 8, 2),
}


@pytest.mark.parametrize("name", TIFFS)
def test_frames_of_a_tiff_stay_as_they_are_coded(export: Exporter, name: str) -> None:
    compression, mode, rows, packing, bits, most = TIFFS[name]
    sheets = [prose(seed) for seed in (1, 2, 3)]
    images = [_drawn(sheet)[1].convert(mode, dither=Image.Dither.NONE) for sheet in sheets]
    data = files.frames(images, "TIFF", compression=compression, tiffinfo={278: rows}, strip_size=1 << 30)
    exported = export([page_of(sheet) for sheet in sheets], data, MediaType.TIFF)
    with pikepdf.open(exported.path) as pdf:
        for page in pdf.pages:
            picture = next(iter(page.get_images().values()))
            assert (picture.Filter, picture.BitsPerComponent) == (packing, bits)
            assert (picture.ColorSpace == "/DeviceRGB") == (mode in ("RGB", "YCbCr"))
    for index, sheet in enumerate(sheets):
        assert exported.text("-f", str(index + 1), "-l", str(index + 1)).split() == sheet.text.split()
        shown = exported.picture(index)
        sent = render_page(export.source, MediaType.TIFF, index, dpi=PROOF_DPI).image
        assert ssim(shown, sent.resize(shown.size, Image.Resampling.BOX)) >= LOOKS_THE_SAME
    assert exported.path.stat().st_size <= most * len(data) + 60_000  # of words


def test_a_frame_that_cannot_be_read_is_an_empty_page(export: Exporter) -> None:
    sheets = [prose(1), prose(2), prose(3)]
    data = files.torn_tiff([sheet.image for sheet in sheets], torn=1)
    exported = export([page_of(sheets[0]), None, page_of(sheets[2])], data, MediaType.TIFF)
    assert exported.facts()["Pages"] == "3"
    assert exported.text().split("\f")[2].split() == sheets[2].text.split()


def test_of_an_animation_only_the_first_frame_is_a_page(export: Exporter) -> None:
    sheets = [prose(1), prose(2)]
    data = files.frames([sheet.image for sheet in sheets], "GIF")
    exported = export([page_of(sheets[0])], data, MediaType.GIF)
    assert exported.facts()["Pages"] == "1"
    assert_same_look(exported, export.source, MediaType.GIF)
