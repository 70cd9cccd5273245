"""Which tests run one after the other where several processes run them at once (``pytest -n 3``).

A stack takes seconds of both cores to start, and what faults do to it is for the tests that know of them:
the modules on one stack are a lane, those of faults and of the system each on a stack of their own where they
come to two processes. Every other module is a lane, so that what its tests share is made once.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

_ROOT = Path(__file__).resolve().parents[1]
# Those that take longest are begun first: what is short fills the gaps at the end.
_FAULTS, _SYSTEM = "tests/faults/", "tests/system/"
_FIRST = (_FAULTS, "hasty_stack", _SYSTEM, "engines")


class Lanes(LoadScopeScheduling):
    """Gives every process a lane, and the next one when it is through."""

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return _lane_of(nodeid.partition("::")[0])


def in_lanes(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """The tests in the order in which lanes are begun."""
    lanes: dict[str, list[pytest.Item]] = {lane: [] for lane in _FIRST}
    for item in items:
        lanes.setdefault(_lane_of(item.nodeid.partition("::")[0]), []).append(item)
    return [item for lane in lanes.values() for item in lane]


@cache
def _lane_of(module: str) -> str:
    """By what the module asks for: the process that gives out lanes knows no more of a test than its name."""
    text = (_ROOT / module).read_text()
    if "hasty_stack" in text:
        return "hasty_stack"
    if module.startswith((_FAULTS, _SYSTEM)):
        return _FAULTS if module.startswith(_FAULTS) else _SYSTEM
    return "engines" if "amqp_url" in text or "mongo_url" in text else module
