"""What a stack says of itself while it goes down."""

from pathlib import Path

import pytest

from deploy.local.stack import Stack
from deploy.local.supervisor import Process


@pytest.mark.parametrize(
    ("state", "pid", "is_named"),
    [
        ("RUNNING", 4711, True),
        ("STOPPING", 4711, True),
        ("BACKOFF", None, True),
        ("FATAL", None, True),
        ("STOPPED", None, False),
    ],
)
def test_what_supervisord_still_tries_to_run_is_named_as_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str, pid: int | None, is_named: bool
) -> None:
    stack = Stack(tmp_path)
    told: list[set[str]] = []
    monkeypatch.setattr(stack.supervisor, "processes", lambda: [Process("front-1", state, pid)])
    monkeypatch.setattr(stack.supervisor, "stop", lambda names: told.append(set(names)))
    names = ["front-1"] if is_named else []
    assert stack.down() == names and told == [set(names)] * 2
