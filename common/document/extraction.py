"""Values that were drawn from pages by a JSON Schema, and where on the pages they stand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from common.document.geometry import Box


@dataclass(frozen=True, slots=True)
class ValuePlace:
    """``pointer`` leads to the value in its extraction (JSON Pointer, RFC 6901); ``text`` is what stands in
    ``bbox``, ``confidence`` how sure that was read.
    """

    pointer: str
    bbox: Box
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Extraction:
    """``answer`` is JSON; a value without a place was found nowhere on the page."""

    answer: str
    places: tuple[ValuePlace, ...] = ()


@dataclass(frozen=True, slots=True)
class Merged:
    """One answer of several; ``origins`` leads from each value's pointer to what it was in one of them: the
    number of that answer, from 0, and its pointer there.
    """

    answer: Any
    origins: dict[str, tuple[int, str]]


def merged(answers: Iterable[Any]) -> Merged:
    """The answers about the pages of one document as one about the whole.

    Lists are joined; of values the first that is neither null nor an empty text stays.
    """
    whole, origins = None, dict[str, tuple[int, str]]()
    for number, answer in enumerate(answers):
        taken: list[tuple[str, str]] = []
        whole = _joined(whole, answer, "", "", taken)
        origins.update({pointer: (number, was_at) for pointer, was_at in taken})
    return Merged(whole, origins)


def _joined(first: Any, second: Any, at: str, was_at: str, taken: list[tuple[str, str]]) -> Any:
    """``taken`` gets the pointers, now and before, of the values that come from the ``second``."""
    if _is_nothing(second):
        return second if first is None else first
    if isinstance(first, dict) and isinstance(second, dict):
        joined = dict(first)
        for key, value in second.items():
            step = f"/{_escaped(key)}"
            joined[key] = _joined(first.get(key), value, at + step, was_at + step, taken)
        return joined
    if isinstance(first, list) and isinstance(second, list):
        for index, value in enumerate(second):
            taken.extend(_leaves(value, f"{at}/{len(first) + index}", f"{was_at}/{index}"))
        return [*first, *second]
    if _is_nothing(first):
        taken.extend(_leaves(second, at, was_at))
        return second
    return first


def _leaves(value: Any, at: str, was_at: str) -> Iterator[tuple[str, str]]:
    """The pointers of the values in ``value``, as they are now and as they were before."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from _leaves(inner, f"{at}/{_escaped(key)}", f"{was_at}/{_escaped(key)}")
        case list():
            for index, inner in enumerate(value):
                yield from _leaves(inner, f"{at}/{index}", f"{was_at}/{index}")
        case _ if not _is_nothing(value):
            yield at, was_at


def _is_nothing(value: Any) -> bool:
    return value is None or value == ""


def _escaped(key: str) -> str:
    """A step of a JSON Pointer (RFC 6901, 3)."""
    return key.replace("~", "~0").replace("/", "~1")
