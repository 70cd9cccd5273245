"""``concepts.toml``: what invoices, letters, contracts and reports call the same thing."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workers.chat.extractive.values import Value


@dataclass(frozen=True, slots=True)
class Concept:
    """``value`` is what its field holds, None where that is open; ``phrases`` are by language."""

    value: Value | None
    phrases: Mapping[str, Sequence[str]]


@cache
def concepts() -> Mapping[str, Concept]:
    table = tomllib.loads(Path(__file__).with_name("concepts.toml").read_text(encoding="utf-8"))
    return {name: _concept(dict(row)) for name, row in table.items()}


def _concept(row: dict[str, Sequence[str]]) -> Concept:
    value = row.pop("value", None)
    return Concept(Value(str(value)) if value is not None else None, row)
