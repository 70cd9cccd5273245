import time

from PIL import Image, ImageDraw

from common.document.page import Engine
from common.document.quadrilateral import corners
from common.document.text import line_text
from common.errors import EngineFailed, EngineUnavailable
from common.reading.second_reader.second_reading import improve
from tests.unit.reading.readings import block, line

_PROSE = "a plain line of prose as long as others are"


class FakeReader:
    """Finds the given lines, and reads whichever lies in the middle of what it is shown."""

    def __init__(self, *lines, error=None):
        self._lines = lines
        self._error = error
        self.reads = 0

    def find_lines(self, image, shrink=1.0):
        if self._error:
            raise self._error
        return [corners(each.bbox) for each in self._lines]

    def read_line(self, image, quad):
        self.reads += 1
        middle = (quad.top_left[1] + quad.bottom_left[1]) / 2
        near = [each for each in self._lines if each.bbox.y0 <= middle <= each.bbox.y1]
        return near[0] if near else None


def _image(ink=True):
    image = Image.new("L", (800, 600), 255)
    if ink:
        ImageDraw.Draw(image).rectangle((100, 100, 300, 200), fill=0)
    return image


def _improved(blocks, reader, *, models=("eng",), image=None, left_s=60.0):
    found = improve(image or _image(), blocks, models, lambda: reader, time.monotonic() + left_s)
    return [[line_text(each) for each in of_block.lines] for of_block in found]


def _theirs(text, confidence=0.95, y=0):
    return line(text, confidence, y=y, engine=Engine.PP_OCR)


def test_a_sure_page_does_not_even_load_the_second_reader():
    blocks = (block(line(_PROSE, 0.96)),)

    def never():
        raise AssertionError("loaded")

    assert improve(_image(), blocks, ["eng"], never, time.monotonic() + 60) == blocks


def test_a_blank_page_does_not_load_it_either():
    def never():
        raise AssertionError("loaded")

    assert improve(_image(ink=False), (), ["eng"], never, time.monotonic() + 60) == ()


def test_only_the_weak_line_of_a_good_page_is_read_again():
    good = [line(_PROSE, 0.96, y=40 * row) for row in range(9)]
    reader = FakeReader(_theirs("weak", y=400))
    assert _improved([block(*good), block(line("w3ak", 0.4, y=400))], reader)[-1] == ["weak"]
    assert reader.reads == 1


def test_a_weak_page_gains_the_lines_that_were_missed():
    reader = FakeReader(_theirs(_PROSE), _theirs("missed", y=200))
    assert _improved([block(line(_PROSE.replace("a", "4"), 0.4))], reader) == [[_PROSE], ["missed"]]


def test_a_page_on_which_nothing_was_read_is_looked_at():
    assert _improved([], FakeReader(_theirs("faint", y=50))) == [["faint"]]


def test_letters_that_it_does_not_know_are_left_to_tesseract():
    reader = FakeReader(_theirs("noise"))
    assert _improved([block(line("слово", 0.3))], reader, models=("rus", "eng")) == [["слово"]]


def test_ideographs_are_not_believed_on_a_page_of_latin_letters():
    assert _improved([block(line("t3xt", 0.4))], FakeReader(_theirs("東"))) == [["t3xt"]]


def test_a_line_that_it_doubts_itself_is_not_believed():
    assert _improved([], FakeReader(_theirs("guess", 0.3))) == []


def test_a_page_is_not_lost_where_the_second_reader_fails_or_is_missing():
    blocks = [block(line("t3xt", 0.4))]
    for error in (EngineFailed("no"), MemoryError(), EngineUnavailable("none")):
        assert _improved(blocks, FakeReader(error=error)) == [["t3xt"]]


def test_without_time_the_page_stays_as_it_is():
    blocks = [block(line("t3xt", 0.4))]
    assert _improved(blocks, FakeReader(_theirs("text")), left_s=1.0) == [["t3xt"]]
