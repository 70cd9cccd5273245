"""Sets of documents with their true text: folders with a ``manifest.jsonl``.

A line of it is an object with ``id``, ``file``, ``gt`` (a text file), ``lang`` (Tesseract codes
joined by ``+``) and perhaps ``psm`` (Tesseract's page segmentation mode for the item).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Item:
    id: str
    file: Path
    truth: str
    language: str
    segmentation: int | None

    @property
    def is_in_capitals(self) -> bool:
        """Whether the truth does not tell capitals from small letters, so that nothing read is held to it."""
        return self.truth.isupper()


@dataclass(frozen=True, slots=True)
class EvalSet:
    name: str
    items: tuple[Item, ...]


def find_sets(folder: Path, only: list[str]) -> list[EvalSet]:
    """The folder's own set, or those in its subfolders; without items that have no text or no language."""
    manifests = sorted(folder.glob("manifest.jsonl")) or sorted(folder.glob("*/manifest.jsonl"))
    sets = [EvalSet(path.parent.name, tuple(_items(path))) for path in manifests]
    return [found for found in sets if found.items and (not only or found.name in only)]


def _items(manifest: Path) -> Iterator[Item]:
    for line in manifest.read_text(encoding="utf-8").splitlines():
        if line.strip():
            row: dict[str, Any] = json.loads(line)
            if row.get("gt") and row.get("lang"):
                yield _item(manifest.parent, row)


def _item(folder: Path, row: dict[str, Any]) -> Item:
    return Item(
        id=str(row["id"]),
        file=folder / row["file"],
        truth=(folder / row["gt"]).read_text(encoding="utf-8-sig", errors="replace"),
        language=row["lang"],
        segmentation=row.get("psm"),
    )
