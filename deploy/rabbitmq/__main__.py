"""``python -m deploy.rabbitmq [--check]``: write definitions.json anew, or only see whether it is current."""

import argparse
import json
import sys
from pathlib import Path

from common.contracts.topology import definitions

_FILE = Path(__file__).with_name("definitions.json")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.rabbitmq", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when it is out of date")
    current = json.dumps(definitions(), indent=2) + "\n"
    if not parser.parse_args().check:
        _FILE.write_text(current)
    elif not _FILE.exists() or _FILE.read_text() != current:
        print(f"{_FILE.name} is not what topology.py says: run 'make definitions'", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
