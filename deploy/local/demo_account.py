"""The account that a new stack comes with, its credits and its token."""

import os
import subprocess
import sys
from pathlib import Path

from deploy.local.errors import StackError
from deploy.local.probe import http_status
from deploy.local.state import write_private

_NAME = "demo"
# Counts once, however often it is given; without the account it fails.
_TOP_UP = ("account", "topup", _NAME, "1000000", "--reference", _NAME)


def demo_token(kept_in: Path, ocr_url: str, mongo_url: str) -> str:
    """A token of the demo account that the front at ``ocr_url`` takes; made when there is none."""
    if _admin(mongo_url, *_TOP_UP).returncode and _admin(mongo_url, "account", "show", _NAME).returncode:
        _make_account(mongo_url)
    if kept_in.exists():
        token = kept_in.read_text().strip()
        if http_status(f"{ocr_url}/api/v1/account/", bearer=token) == 200:
            return token
    token = _require(_admin(mongo_url, "token", "create", _NAME)).splitlines()[-1].strip()
    write_private(kept_in, token + "\n")
    return token


def _make_account(mongo_url: str) -> None:
    """On the plan with bought credits that is shipped; where the plans' file has none, on its default."""
    if _admin(mongo_url, "account", "create", _NAME, "--plan", "paid").returncode:
        _require(_admin(mongo_url, "account", "create", _NAME))
    else:
        _require(_admin(mongo_url, *_TOP_UP))


def _admin(mongo_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-m", "front.admin", *arguments),
        env={**os.environ, "MONGO_URL": mongo_url},
        capture_output=True,
        text=True,
        check=False,
    )


def _require(done: subprocess.CompletedProcess[str]) -> str:
    if done.returncode:
        raise StackError(f"the demo account could not be made: {done.stderr.strip()[-1000:]}")
    return done.stdout
