from PIL import Image

from common.reading.preparation.glyphs import find_glyphs
from common.reading.recognition.sample import line_rows, take_sample
from tests.pages import blank_page, draw_sheet, paragraphs

PAGE = draw_sheet(paragraphs(seed=5, count=6), size=(2200, 3000), font_px=44, margin=150)
LINE = draw_sheet(["amber anchor autumn basket"], font_px=44)


def test_a_sample_of_a_full_page_is_a_few_whole_lines() -> None:
    sample = take_sample(find_glyphs(PAGE.image), PAGE.image.size)
    x0, y0, x1, y1 = sample.box
    assert not sample.is_whole
    assert 60 < y1 - y0 < 330  # lines are 66 pixels apart
    cut = [word for word in PAGE.words if word.bbox[1] < y0 < word.bbox[3] - 12 and x0 < word.bbox[0] < x1]
    held = [word for word in PAGE.words if y0 <= word.bbox[1] and word.bbox[3] <= y1]
    assert not cut
    assert sum(len(word.text) for word in held) > 60


def test_a_page_of_little_text_is_its_own_sample() -> None:
    for image in (LINE.image, blank_page()):
        sample = take_sample(find_glyphs(image), image.size)
        assert sample.is_whole
        assert sample.box == (0, 0, *image.size)


def test_a_single_line_is_known_and_its_rows_hold_its_words() -> None:
    rows = line_rows(find_glyphs(LINE.image), LINE.image.size)
    assert rows is not None
    assert all(rows[0] <= word.bbox[1] and word.bbox[3] <= rows[1] for word in LINE.words)
    assert rows[1] - rows[0] < LINE.image.height / 2


def test_two_lines_and_a_blank_page_are_no_single_line() -> None:
    two = draw_sheet(["amber anchor autumn basket", "bridge butter candle"], font_px=44).image
    assert line_rows(find_glyphs(two), two.size) is None
    assert line_rows(find_glyphs(blank_page()), (800, 600)) is None


def test_a_page_on_its_side_has_no_single_line() -> None:
    sideways = PAGE.image.transpose(Image.Transpose.ROTATE_90)
    assert line_rows(find_glyphs(sideways), sideways.size) is None
