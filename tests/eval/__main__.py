"""``python -m tests.eval DIR``: how well the fleet reads the sets in a folder, beside plain Tesseract."""

import argparse
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.accuracy import Scorer, scorer_for
from tests.client import Client
from tests.eval import reliability, table_report
from tests.eval.readers import FleetReader, by_tesseract
from tests.eval.report import HEADER, Reading, Row, as_json, line
from tests.eval.sets import EvalSet, Item, find_sets
from tests.eval.table_report import read_tables, tables_by_fleet
from tests.eval.table_sets import find_table_sets
from tests.stack import CHECKOUT, running_stack

Reader = Callable[[Item], str]


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    sets = find_sets(options.folder, options.only)
    table_sets = find_table_sets(options.folder, options.only)
    if not sets and not table_sets:
        print(f"No set with a manifest.jsonl in {options.folder}.", file=sys.stderr)
        return 2
    with _client() as client:
        readers: dict[str, Reader] = {
            "fleet": (fleet := FleetReader(client, options.language)),
            "tesseract": partial(by_tesseract, with_segmentation=options.psm),
        }
        rows = _read(sets, readers, scorer_for(options.folder), options.limit)
        by_cells = partial(tables_by_fleet, client, language=options.language)
        table_rows = read_tables(table_sets, by_cells, options.limit)
    print(f"\nHow sure the fleet was of its words, and how right:\n{reliability.table(fleet.words)}\n")
    figures = [*as_json(rows), *table_report.as_json(table_rows)]
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
    print(f"Figures of every item: {options.json}")
    return 0


def _read(
    sets: Sequence[EvalSet], readers: dict[str, Reader], scorer: Scorer, limit: int | None
) -> list[Row]:
    """Each item is read by all, one after the other, before the next."""
    print(HEADER, flush=True)
    rows = []
    for each in sets:
        readings: dict[str, list[Reading]] = {name: [] for name in readers}
        for item in each.items[:limit]:
            for name, reader in readers.items():
                readings[name].append(_reading(item, reader, scorer))
        for name, of_set in readings.items():
            rows.append(Row(each.name, name, of_set))
            print(line(rows[-1]), flush=True)
    return rows


def _reading(item: Item, reader: Reader, scorer: Scorer) -> Reading:
    """An item that cannot be read must not end the whole run."""
    begin = time.monotonic()
    text, error = "", None
    try:
        text = reader(item)
    except (AssertionError, RuntimeError, OSError) as failure:
        error = str(failure)
    seconds = time.monotonic() - begin
    text = text.upper() if item.is_in_capitals else text
    return Reading(item.id, scorer(item.truth, text), round(seconds, 3), error)


@contextmanager
def _client() -> Iterator[Client]:
    kept = os.environ.get("OCR_TEST_STACK")
    with (
        tempfile.TemporaryDirectory(prefix="ocr-eval-") as folder,
        running_stack(Path(kept or folder), keep=bool(kept)) as stack,
    ):
        yield stack.client(stack.account(f"eval-{secrets.token_hex(4)}"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.eval", description=__doc__)
    parser.add_argument("folder", type=Path, help="a set, or a folder of sets, with a manifest.jsonl each")
    parser.add_argument("--only", action="append", default=[], metavar="SET", help="this set (repeatable)")
    parser.add_argument("--limit", type=int, metavar="N", help="the first N items of each set")
    parser.add_argument("--language", help="what the fleet is told instead of the item's language (auto)")
    parser.add_argument(
        "--psm", action="store_true", help="tell plain Tesseract the item's segmentation mode"
    )
    parser.add_argument(
        "--json", type=Path, default=CHECKOUT / ".local" / "eval.json", help="where figures go"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
