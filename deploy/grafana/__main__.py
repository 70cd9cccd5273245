"""``python -m deploy.grafana [--check]``: write the dashboard anew, or only see whether it is current."""

import argparse
import json
import sys
from pathlib import Path

from deploy.grafana.dashboard import dashboard

_FILE = Path(__file__).parent / "dashboards" / "ocr-fleet.json"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.grafana", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when it is out of date")
    current = json.dumps(dashboard(), indent=2) + "\n"
    if not parser.parse_args().check:
        _FILE.parent.mkdir(exist_ok=True)
        _FILE.write_text(current)
    elif not _FILE.exists() or _FILE.read_text() != current:
        print(f"{_FILE.name} is not what dashboard.py says: run 'make definitions'", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
