"""The figures of one run, as a table and as JSON."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Series:
    """What one reader took, turn by turn; ``cer`` of its last text, None where the truth is not known."""

    name: str
    seconds: list[float] = field(default_factory=list)
    cer: float | None = None

    @property
    def median_s(self) -> float:
        return statistics.median(self.seconds)


@dataclass(frozen=True, slots=True)
class Ratio:
    """Below ``goal`` is well.

    Turn by turn, so that a busy moment of the machine hits both sides; ``best`` is that of each side's
    quickest turn, when the machine was least busy with other things.
    """

    name: str
    by_turn: Sequence[float]
    best: float
    goal: float

    @property
    def median(self) -> float:
        return statistics.median(self.by_turn)

    @property
    def is_met(self) -> bool:
        return self.median <= self.goal


def ratio(name: str, over: Series, *under: Series, goal: float) -> Ratio:
    turns = zip(over.seconds, *(series.seconds for series in under), strict=True)
    by_turn = [first / sum(others) for first, *others in turns]
    best = min(over.seconds) / sum(min(series.seconds) for series in under)
    return Ratio(name, by_turn, best, goal)


def table(series: Sequence[Series], ratios: Sequence[Ratio], page_count: int) -> str:
    lines = [f"{'':42}{'median s':>9}{'min':>8}{'max':>8}{'s/page':>8}{'CER':>8}"]
    for row in series:
        cer = "-" if row.cer is None else f"{row.cer:.4f}"
        lines.append(
            f"{row.name:42}{row.median_s:9.2f}{min(row.seconds):8.2f}{max(row.seconds):8.2f}"
            f"{row.median_s / page_count:8.3f}{cer:>8}"
        )
    if ratios:
        lines += ["", f"{'ratio, turn by turn':42}{'median':>9}{'min':>8}{'max':>8}{'best':>8}{'goal':>8}"]
    for item in ratios:
        verdict = "met" if item.is_met else "MISSED"
        lines.append(
            f"{item.name:42}{item.median:9.3f}{min(item.by_turn):8.3f}{max(item.by_turn):8.3f}"
            f"{item.best:8.3f}{item.goal:8.2f}  {verdict}"
        )
    return "\n".join(lines)


def as_json(
    series: Sequence[Series], ratios: Sequence[Ratio], page_count: int, conditions: dict[str, Any]
) -> dict[str, Any]:
    return {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()},
        "pages": page_count,
        **conditions,
        "readers": {
            row.name: {"seconds": row.seconds, "median_s": row.median_s, "cer": row.cer} for row in series
        },
        "ratios": {
            item.name: {
                "by_turn": list(item.by_turn),
                "median": item.median,
                "best": item.best,
                "goal": item.goal,
            }
            for item in ratios
        },
    }


def save(path: Path, figures: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=1) + "\n")
