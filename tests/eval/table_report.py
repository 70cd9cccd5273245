"""Tables as the fleet finds them, set by set."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.client import Client
from tests.eval.table_sets import TableItem, TableSet
from tests.eval.tables import NOTHING, Grid, TableAccuracy, grid_from_api, table_accuracy

_LIMIT_S = 900

TableReader = Callable[[TableItem], Sequence[Grid]]


@dataclass(frozen=True, slots=True)
class TableReading:
    """One item; ``found`` tables on its page. An ``error`` counts as nothing found."""

    item: str
    accuracy: TableAccuracy
    found: int
    seconds: float
    error: str | None


@dataclass(frozen=True, slots=True)
class TableRow:
    """One set; the means over its items."""

    set_name: str
    readings: Sequence[TableReading]

    @property
    def adjacency_f1(self) -> float:
        return statistics.mean(reading.accuracy.adjacency_f1 for reading in self.readings)

    @property
    def cell_f1(self) -> float:
        return statistics.mean(reading.accuracy.cell_f1 for reading in self.readings)


HEADER = f"{'tables':32}{'items':>7}{'adjacency F1':>14}{'cell F1':>9}{'s':>9}{'errors':>8}"


def line(row: TableRow) -> str:
    seconds = sum(reading.seconds for reading in row.readings)
    errors = sum(reading.error is not None for reading in row.readings)
    return (
        f"{row.set_name:32}{len(row.readings):7}{row.adjacency_f1:14.4f}{row.cell_f1:9.4f}"
        f"{seconds:9.1f}{errors:8}"
    )


def as_json(rows: Sequence[TableRow]) -> list[dict[str, Any]]:
    return [
        {
            "set": row.set_name,
            "reader": "fleet",
            "adjacency_f1": row.adjacency_f1,
            "cell_f1": row.cell_f1,
            "items": [asdict(reading) for reading in row.readings],
        }
        for row in rows
    ]


def read_tables(sets: Sequence[TableSet], reader: TableReader, limit: int | None) -> list[TableRow]:
    """Prints a line for each set as it is done."""
    if sets:
        print(HEADER, flush=True)
    rows = []
    for each in sets:
        rows.append(TableRow(each.name, [_reading(item, reader) for item in each.items[:limit]]))
        print(line(rows[-1]), flush=True)
    return rows


def tables_by_fleet(client: Client, item: TableItem, language: str | None) -> list[Grid]:
    """``language`` instead of the item's own, for example ``auto``."""
    fields = {"tier": "cpu", "language": language or item.language}
    if item.page is not None:
        fields["pages"] = str(item.page)
    job = client.read(item.file.read_bytes(), item.file.name, limit_s=_LIMIT_S, **fields)
    return [grid_from_api(table) for page in job["pages"] for table in page["tables"]]


def _reading(item: TableItem, reader: TableReader) -> TableReading:
    begin = time.monotonic()
    accuracy, count, error = NOTHING, 0, None
    try:
        grids = reader(item)
        accuracy, count = table_accuracy(item.truth, grids), len(grids)
    except (AssertionError, RuntimeError, OSError) as failure:
        error = str(failure)
    return TableReading(item.id, accuracy, count, round(time.monotonic() - begin, 3), error)
