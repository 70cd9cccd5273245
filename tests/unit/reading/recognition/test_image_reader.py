"""What becomes of a page when one of several readings fails; the engine is a stand-in."""

import gc
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from PIL import Image

from common.document.geometry import Box
from common.document.page import Block, Line, Word
from common.document.script import Script
from common.document.segmentation import Segmentation
from common.errors import EngineCrashed, EngineFailed, EngineTimeout, PageError
from common.reading.recognition import image_reader
from common.reading.recognition.approach import Approach, Reading
from common.reading.recognition.image_reader import ImageReader
from common.reading.recognition.legible_image import LegibleImage
from common.reading.recognition.recognition import recognise
from tests.pages import draw_sheet, paragraphs

PAGE = draw_sheet(paragraphs(seed=5, count=6), size=(2200, 3000), font_px=44, margin=150).image
FEW_LINES = draw_sheet(paragraphs(seed=6, count=1, words_each=12), size=(900, 400)).image
BOX = Box(0, 0, 90, 30)

FAILURES = [EngineTimeout, EngineFailed, EngineCrashed]

Answer = Callable[[tuple[str, ...], Segmentation, tuple[int, int]], tuple[str, float]]


@dataclass
class Engine:
    """Raises or answers by models, segmentation and the size of what it is shown."""

    answer: Answer
    limits_s: list[float] = field(default_factory=list)

    def read(
        self,
        image: Image.Image,
        languages: Sequence[str],
        dpi: int | None,
        time_limit_s: float,
        segmentation: Segmentation = Segmentation.PAGE,
    ) -> Sequence[Block]:
        self.limits_s.append(time_limit_s)
        text, confidence = self.answer(tuple(languages), segmentation, image.size)
        line = Line(tuple(Word(word, BOX, confidence) for word in text.split()), BOX)
        return (Block((line,), BOX),)

    def detect_script(self, image: Image.Image, time_limit_s: float) -> Script | None:
        self.limits_s.append(time_limit_s)
        raise EngineTimeout()


def read(image: Image.Image, answer: Answer, *languages: str) -> Reading:
    return recognise(LegibleImage(image), 300, languages, Engine(answer), time.monotonic() + 60)


def reader(answer: Answer, image: Image.Image = PAGE, seconds: float = 60) -> ImageReader:
    return ImageReader(LegibleImage(image), 300, Engine(answer), time.monotonic() + seconds)


def only(*models: str, failure: type[PageError] = EngineFailed) -> Answer:
    """Each of these models reads its own name, and every other fails."""

    def answer(asked: tuple[str, ...], *_: object) -> tuple[str, float]:
        if asked[0] not in models:
            raise failure()
        return f"read by {asked[0]}", 0.5

    return answer


@pytest.mark.parametrize("failure", FAILURES)
def test_a_doubtful_page_stays_as_it_was_read_where_no_sample_can_be(failure: type[PageError]) -> None:
    def answer(
        models: tuple[str, ...], segmentation: Segmentation, size: tuple[int, int]
    ) -> tuple[str, float]:
        if size != PAGE.size:
            raise failure()
        return "the first reading of it", 0.4

    assert read(PAGE, answer, "eng").text == "the first reading of it"


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("model", ["eng", "kor"])
def test_a_page_stays_as_it_was_read_where_it_cannot_be_taken_otherwise(
    model: str, failure: type[PageError]
) -> None:
    def answer(
        models: tuple[str, ...], segmentation: Segmentation, size: tuple[int, int]
    ) -> tuple[str, float]:
        if segmentation is not Segmentation.PAGE or size != FEW_LINES.size:
            raise failure()
        return "the first reading of it", 0.4

    assert read(FEW_LINES, answer, model).text == "the first reading of it"


@pytest.mark.parametrize("failure", FAILURES)
def test_the_first_whole_reading_must_succeed(failure: type[PageError]) -> None:
    with pytest.raises(failure):
        read(PAGE, only("none", failure=failure), "eng")
    with pytest.raises(failure):
        read(PAGE, only("none", failure=failure))


@pytest.mark.parametrize("failure", FAILURES)
def test_a_small_page_in_an_unknown_language_stays_as_its_sample_was_read(failure: type[PageError]) -> None:
    """It has no smaller sample, so that the sample is a reading of all of it."""
    german = "das ist ja nun wirklich nicht das was wir uns von diesem Sommer erwartet haben"

    def answer(models: tuple[str, ...], *_: object) -> tuple[str, float]:
        if models != ("eng",):
            raise failure()
        return german, 0.95

    assert read(FEW_LINES, answer).text == german


def test_a_later_reading_that_fails_is_empty_and_not_tried_again() -> None:
    readings = reader(only("eng"))
    readings.read(Approach(("eng",)))
    assert readings.read(Approach(("deu",))) == Reading((), Approach(("deu",)))
    assert readings.read(Approach(("deu",))).characters == 0
    assert len(readings._engine.limits_s) == 2  # type: ignore[attr-defined]


def test_in_place_of_a_lost_reading_stays_one_of_its_own_script() -> None:
    def answer(models: tuple[str, ...], *_: object) -> tuple[str, float]:
        if models == ("rus",):
            raise EngineTimeout()
        return ("это", 0.6) if models == ("Cyrillic",) else ("much more of it and much surer", 0.7)

    readings = reader(answer)
    readings.read(Approach(("eng",)))
    assert readings.read_or_earlier(Approach(("rus",))).approach.models == ("eng",)
    readings.read(Approach(("Cyrillic",)))
    assert readings.read_or_earlier(Approach(("rus",))).approach.models == ("Cyrillic",)
    assert readings.read_or_earlier(Approach(("Cyrillic",))).text == "это"


def test_later_readings_have_little_more_time_than_the_longest_that_succeeded() -> None:
    readings = reader(only("eng"))
    readings.read(Approach(("eng",)))
    for model in ("deu", "fra", "ita"):
        readings.read(Approach((model,)))
    readings.read_sample(("spa",))
    readings.detect_script()
    first, *others = readings._engine.limits_s  # type: ignore[attr-defined]
    assert first > 50
    assert len(others) == 5
    assert all(5 <= limit <= 8 for limit in others)


def test_when_the_time_is_over_the_engine_is_asked_for_nothing_more() -> None:
    readings = reader(only("eng"), seconds=-1)
    assert readings.detect_script() is None
    assert readings.read_sample(("eng",)).characters == 0
    with pytest.raises(EngineTimeout):
        readings.read(Approach(("eng",)))
    assert readings._engine.limits_s == []  # type: ignore[attr-defined]


def test_the_image_is_let_go_with_its_reader() -> None:
    image = PAGE.copy()
    readings = reader(only("eng"), image)
    for rotation in (0, 90):
        readings.read_sample(("eng",), rotation)
        readings.read(Approach(("eng",), rotation))
    seen = weakref.ref(image)
    gc.disable()
    try:
        del readings, image
        assert seen() is None
    finally:
        gc.enable()


def test_no_more_samples_are_taken_where_each_costs_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Screens of dots, which every model would read for seconds to find nothing."""
    monkeypatch.setattr(image_reader, "_MOST_SAMPLING_S", 0.05)
    asked = list[str]()

    def answer(models: tuple[str, ...], *_: object) -> tuple[str, float]:
        asked.append(models[0])
        end = time.process_time() + 0.1
        while time.process_time() < end:
            pass
        return "some words", 0.4

    slow = reader(answer)
    assert slow.read_sample(("eng",)).characters > 0
    assert slow.read_sample(("kor",)).characters == 0
    assert slow.read_sample(("eng",)).characters > 0
    assert asked == ["eng"]
