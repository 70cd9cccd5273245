"""``python -m front.http.reference [--check]``: write docs/openapi.json and docs/asyncapi.json anew, or only
see whether they are current.
"""

import argparse
import json
import sys
from pathlib import Path

from front.http.reference import asyncapi, openapi

_FOLDER = Path(__file__).resolve().parents[3] / "docs"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m front.http.reference", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when one is out of date")
    is_check = parser.parse_args().check
    documents = {"openapi.json": openapi.document(), "asyncapi.json": asyncapi.document()}
    stale = [name for name, document in documents.items() if not _is_current(name, _text(document))]
    if is_check and stale:
        print(f"Not what the code says: {', '.join(stale)}. Run 'make definitions'.", file=sys.stderr)
        return 1
    for name in stale:
        (_FOLDER / name).write_text(_text(documents[name]))
    return 0


def _is_current(name: str, text: str) -> bool:
    file = _FOLDER / name
    return file.exists() and file.read_text() == text


def _text(document: dict[str, object]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
