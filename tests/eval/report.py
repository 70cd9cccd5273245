"""Accuracy by set, as a table and as JSON."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from tests.accuracy import Accuracy

Measure = Literal["cer", "wer", "f1"]
MEASURES: tuple[Measure, ...] = ("cer", "wer", "f1")


@dataclass(frozen=True, slots=True)
class Reading:
    """One item as one reader read it; ``error`` instead of a text counts as nothing read."""

    item: str
    accuracy: Accuracy
    seconds: float
    error: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """One set as one reader read it; the means over its items."""

    set_name: str
    reader: str
    readings: Sequence[Reading]

    def mean(self, measure: Measure) -> float:
        shares: list[float] = [getattr(reading.accuracy, measure) for reading in self.readings]
        return statistics.mean(shares)

    @property
    def seconds(self) -> float:
        return sum(reading.seconds for reading in self.readings)

    @property
    def errors(self) -> int:
        return sum(reading.error is not None for reading in self.readings)


HEADER = f"{'set':24}{'reader':>11}{'items':>7}{'CER':>9}{'WER':>9}{'F1':>9}{'s':>9}{'errors':>8}"


def line(row: Row) -> str:
    measures = "".join(f"{row.mean(measure):9.4f}" for measure in MEASURES)
    return f"{row.set_name:24}{row.reader:>11}{len(row.readings):7}{measures}{row.seconds:9.1f}{row.errors:8}"


def as_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        {
            "set": row.set_name,
            "reader": row.reader,
            **{measure: row.mean(measure) for measure in MEASURES},
            "seconds": row.seconds,
            "items": [asdict(reading) for reading in row.readings],
        }
        for row in rows
    ]
