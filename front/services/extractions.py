"""What was drawn from the pages of a job by its JSON Schema, as one answer for the whole document."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from common.document.extraction import ValuePlace, merged
from common.document.page import Page
from common.domain.answer_completion import completed
from common.domain.answer_errors import answer_errors
from common.domain.job import Job

_NOTHING_DRAWN: Final = "No values could be drawn from this page."

View = dict[str, Any]


class Extractions:
    """Takes what pages gave, in order, and shows the whole of it."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._answers: list[Any] = []
        self._places: list[dict[str, View]] = []
        self._without: list[int] = []

    def add(self, pages: Mapping[int, Page]) -> None:
        """``pages`` by their index in the job."""
        for index in sorted(pages):
            extraction = pages[index].extraction
            if extraction is None:
                self._without.append(index)
            else:
                self._answers.append(orjson.loads(extraction.answer))
                self._places.append({place.pointer: _shown(place, index) for place in extraction.places})

    def members(self) -> View:
        """``extraction`` is the answer itself; ``extraction_details`` say where each of its values stands,
        by JSON Pointer, in what the answer does not follow its schema, and which pages gave none.
        """
        if self._job.request.extract is None:
            return {"extraction": None, "extraction_details": None}
        whole = merged(self._answers)
        places = {
            pointer: self._places[number][was_at]
            for pointer, (number, was_at) in whole.origins.items()
            if was_at in self._places[number]
        }
        schema = orjson.loads(self._job.request.extract)
        answer = completed(whole.answer, schema) if self._answers else None
        return {
            "extraction": answer,
            "extraction_details": {"places": places, "errors": self._errors(answer, schema)},
        }

    def _errors(self, answer: Any, schema: View) -> list[View]:
        without = sorted({*self._without, *self._job.failures})
        pages = [{"pointer": "", "page": index + 1, "message": _NOTHING_DRAWN} for index in without]
        found = answer_errors(answer, schema) if self._answers else []
        return [*pages, *({"pointer": error.pointer, "message": error.message} for error in found)]


def _shown(place: ValuePlace, index: int) -> View:
    """``page`` as people count the job's pages."""
    return {
        "page": index + 1,
        "bbox": list(place.bbox),
        "text": place.text,
        "confidence": place.confidence,
    }
