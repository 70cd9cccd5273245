"""What was drawn from the pages of a job by its JSON Schema, as one answer for the whole document."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from jsonschema import Draft202012Validator

from common.document.extraction import Extraction, merged
from common.document.page import Page
from common.domain.job import Job

_MOST_ERRORS: Final = 20

View = dict[str, Any]


class Extractions:
    """Takes what pages gave, in order, and shows the whole of it."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._found: list[tuple[int, Extraction]] = []

    def add(self, pages: Mapping[int, Page]) -> None:
        """``pages`` by their index in the job."""
        for index in sorted(pages):
            extraction = pages[index].extraction
            if extraction is not None:
                self._found.append((index, extraction))

    def members(self) -> View:
        """``extraction`` is the answer itself; ``extraction_details`` say where each of its values stands,
        by JSON Pointer, and in what the answer does not follow its schema.
        """
        if self._job.request.extract is None:
            return {"extraction": None, "extraction_details": None}
        whole = merged(orjson.loads(extraction.answer) for _, extraction in self._found)
        places = {
            pointer: place
            for pointer, (number, was_at) in whole.origins.items()
            if (place := self._place(number, was_at)) is not None
        }
        details = {"places": places, "errors": _errors(whole.answer, self._job.request.extract)}
        return {"extraction": whole.answer, "extraction_details": details}

    def _place(self, number: int, pointer: str) -> View | None:
        """``page`` as people count the job's pages."""
        index, extraction = self._found[number]
        for place in extraction.places:
            if place.pointer == pointer:
                return {
                    "page": index + 1,
                    "bbox": list(place.bbox),
                    "text": place.text,
                    "confidence": place.confidence,
                }
        return None


def _errors(answer: Any, schema: str) -> list[View]:
    found = Draft202012Validator(orjson.loads(schema)).iter_errors(answer)
    return [
        {"pointer": "".join(f"/{step}" for step in error.absolute_path), "message": error.message}
        for error, _ in zip(found, range(_MOST_ERRORS), strict=False)
    ]
