"""Which readings a page costs, and which one is believed; the engine is a stand-in."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from PIL import Image

from common.document.geometry import Box
from common.document.page import Block, Line, Word
from common.document.script import Script
from common.document.segmentation import Segmentation
from common.errors import EngineTimeout
from common.reading.recognition.legible_image import LegibleImage
from common.reading.recognition.recognition import recognise
from tests.pages import draw_sheet, paragraphs, text_page

PAGE = draw_sheet(paragraphs(seed=5, count=6), size=(2200, 3000), font_px=44, margin=150).image
FEW_LINES = text_page(paragraphs(seed=6, count=1, words_each=12), size=(900, 400))

ENGLISH = "this is what everybody knows about the weather of the last summer"
GERMAN = "das ist ja nun wirklich nicht das was wir uns von diesem Sommer erwartet haben"
RUSSIAN = "это всё что мы знаем сегодня про погоду прошлого лета и прошлой зимы"
GREEK = "αυτά είναι όλα όσα γνωρίζουμε σήμερα μόνο όλες τις μέρες του περασμένου καλοκαιριού"

Answer = Callable[[str, int], tuple[str, float]]


@dataclass
class Engine:
    """Answers by model and by how the image was turned since ``PAGE``, told by its black corner."""

    answer: Answer
    script: Script | None = None
    readings: list[tuple[tuple[str, ...], Segmentation, bool]] = field(default_factory=list)
    detections: int = 0

    def read(
        self,
        image: Image.Image,
        languages: Sequence[str],
        dpi: int | None,
        time_limit_s: float,
        segmentation: Segmentation = Segmentation.PAGE,
    ) -> Sequence[Block]:
        whole = max(image.size) in (max(PAGE.size), max(FEW_LINES.size))
        self.readings.append((tuple(languages), segmentation, whole))
        text, confidence = self.answer(languages[0], turn_of(image) if whole else 0)
        box = Box(0, 0, 90, 30)
        words = tuple(Word(word, box, confidence) for word in text.split())
        return (Block((Line(words, box),), box),) if words else ()

    def detect_script(self, image: Image.Image, time_limit_s: float) -> Script | None:
        self.detections += 1
        return self.script

    @property
    def whole_pages(self) -> list[tuple[str, ...]]:
        return [models for models, _, whole in self.readings if whole]


def marked(image: Image.Image) -> Image.Image:
    """With a black pixel in its top left corner, by which its turn is known again."""
    image = image.copy()
    image.putpixel((0, 0), 0)
    return image


def turn_of(image: Image.Image) -> int:
    right, bottom = image.width - 1, image.height - 1
    corners = {0: (0, 0), 90: (right, 0), 180: (right, bottom), 270: (0, bottom)}
    return next((turn for turn, corner in corners.items() if image.getpixel(corner) == 0), 0)


def written(text: str, *models: str, turn: int = 0) -> Answer:
    """The models read the text when the page is turned so; all else is nonsense."""

    def answer(model: str, turned: int) -> tuple[str, float]:
        return (
            (text, 0.95) if model in models and turned == turn else ("lll ~~ iii .,: lll ~~ iii .,: xx", 0.3)
        )

    return answer


def read(engine: Engine, *languages: str, image: Image.Image = PAGE, seconds: float = 60) -> object:
    reading = recognise(LegibleImage(marked(image)), 300, languages, engine, time.monotonic() + seconds)
    return reading.approach.models, reading.approach.rotation, reading.languages


def test_a_named_language_that_reads_surely_is_read_once_and_nothing_is_detected() -> None:
    engine = Engine(written(GERMAN, "deu"))
    assert read(engine, "deu") == (("deu",), 0, ("de",))
    assert engine.readings == [(("deu",), Segmentation.PAGE, True)]
    assert engine.detections == 0


def test_a_named_language_that_mixes_with_english_is_read_with_it() -> None:
    assert read(Engine(written(RUSSIAN, "rus")), "rus") == (("rus", "eng"), 0, ("ru",))


def test_an_unknown_page_is_read_once_as_a_whole_after_english_has_read_a_few_lines() -> None:
    engine = Engine(written(ENGLISH, "eng"))
    assert read(engine) == (("eng",), 0, ("en",))
    assert engine.readings == [(("eng",), Segmentation.BLOCK, False), (("eng",), Segmentation.PAGE, True)]
    assert engine.detections == 0


def test_a_latin_language_is_told_by_what_english_made_of_a_few_lines() -> None:
    engine = Engine(written(GERMAN, "eng", "deu"))
    assert read(engine) == (("deu",), 0, ("de",))
    assert engine.whole_pages == [("deu",)]


def test_another_script_is_detected_and_its_language_told() -> None:
    engine = Engine(written(RUSSIAN, "Cyrillic", "rus"), Script("Cyrillic", 0, 9.0))
    assert read(engine) == (("rus", "eng"), 0, ("ru",))
    assert engine.whole_pages == [("rus", "eng")]


@pytest.mark.parametrize("script", [None, Script("Arabic", 0, 1.4)])
def test_a_script_that_detection_does_not_know_is_found_by_trying(script: Script | None) -> None:
    assert read(Engine(written(GREEK, "ell"), script)) == (("ell", "eng"), 0, ("el",))


@pytest.mark.parametrize("turn", [90, 180, 270])
@pytest.mark.parametrize("languages", [("eng",), ()])
def test_a_turned_page_is_turned_back(turn: int, languages: tuple[str, ...]) -> None:
    engine = Engine(written(ENGLISH, "eng", turn=turn), Script("Latin", turn, 9.0))
    assert read(engine, *languages, image=FEW_LINES) == (("eng",), turn, ("en",))


def test_a_turn_that_detection_is_not_sure_of_is_found_by_trying() -> None:
    engine = Engine(written(ENGLISH, "eng", turn=180), Script("Latin", 0, 0.3))
    assert read(engine, "eng", image=FEW_LINES) == (("eng",), 180, ("en",))


def test_a_doubtful_page_is_taken_as_one_block_in_the_end() -> None:
    def answer(model: str, turn: int) -> tuple[str, float]:
        return (ENGLISH, 0.6) if engine.readings[-1][1] is Segmentation.BLOCK else (ENGLISH[:20], 0.6)

    engine = Engine(answer)
    reading = recognise(LegibleImage(PAGE), 300, ["eng"], engine, time.monotonic() + 60)
    assert reading.approach.segmentation is Segmentation.BLOCK
    assert reading.characters == len(ENGLISH.replace(" ", ""))


def test_a_single_line_is_read_raw_too_unless_it_is_plain_and_the_surer_reading_stays() -> None:
    line = text_page(["amber anchor autumn basket bridge"], size=(900, 160))
    engine = Engine(
        lambda model, turn: (ENGLISH, 0.95 if engine.readings[-1][1] is Segmentation.RAW_LINE else 0.8)
    )
    reading = recognise(LegibleImage(line), 300, ["eng"], engine, time.monotonic() + 60)
    assert reading.approach.segmentation is Segmentation.RAW_LINE
    plain = Engine(lambda model, turn: (ENGLISH, 0.95))
    recognise(LegibleImage(line), 300, ["eng"], plain, time.monotonic() + 60)
    assert [segmentation for _, segmentation, _ in plain.readings] == [Segmentation.LINE]


def test_a_blank_page_costs_no_search() -> None:
    engine = Engine(lambda model, turn: ("", 0.0))
    assert read(engine, image=Image.new("L", (900, 400), 255)) == (("eng",), 0, ())
    assert engine.detections == 0
    assert len(engine.readings) == 1


def test_a_page_that_took_too_long_is_given_up() -> None:
    with pytest.raises(EngineTimeout):
        read(Engine(written(ENGLISH, "eng")), "eng", seconds=-1)
