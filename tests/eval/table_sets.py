"""Sets with the true cells of tables: items whose manifest names a ``csv`` (and perhaps ``html``) file.

An item is the picture of one table; ``pdf`` and ``page`` (from 1) say on which page of which document it
stands, so that there are two sets: of the pictures and of the pages.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.eval.tables import Grid, grid_from_truth


@dataclass(frozen=True, slots=True)
class TableItem:
    """``page`` of the file, from 1; None for a picture."""

    id: str
    file: Path
    page: int | None
    language: str
    truth: Grid


@dataclass(frozen=True, slots=True)
class TableSet:
    name: str
    items: tuple[TableItem, ...]


def find_table_sets(folder: Path, only: list[str]) -> list[TableSet]:
    """Of the folder itself, or of its subfolders."""
    manifests = sorted(folder.glob("manifest.jsonl")) or sorted(folder.glob("*/manifest.jsonl"))
    wanted = [path for path in manifests if not only or path.parent.name in only]
    sets = [each for path in wanted for each in _sets(path)]
    return [each for each in sets if each.items]


def _sets(manifest: Path) -> Iterator[TableSet]:
    rows = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines() if line.strip()]
    known = [row for row in rows if row.get("csv") and row.get("lang")]
    folder = manifest.parent
    yield TableSet(f"{folder.name} crops", tuple(_item(folder, row, row["file"], None) for row in known))
    pages = [row for row in known if row.get("pdf") and row.get("page")]
    yield TableSet(
        f"{folder.name} pages", tuple(_item(folder, row, row["pdf"], row["page"]) for row in pages)
    )


def _item(folder: Path, row: dict[str, Any], file: str, page: int | None) -> TableItem:
    html = (folder / row["html"]).read_text(encoding="utf-8-sig") if row.get("html") else ""
    truth = grid_from_truth((folder / row["csv"]).read_text(encoding="utf-8-sig"), html)
    return TableItem(str(row["id"]), folder / file, page, row["lang"], truth)
