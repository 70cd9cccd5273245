"""What processes tell of themselves on their metrics ports."""

import time
from collections.abc import Callable

import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.stack import Stack

_LIMIT_S = 20


class Metrics:
    """What all processes of one kind tell."""

    def __init__(self, stack: Stack, kind: str) -> None:
        ports = [process.ports[f"{process.name}-metrics"] for process in stack.processes(kind)]
        assert ports
        self._urls = [f"http://127.0.0.1:{port}/metrics" for port in ports]
        self._before = self.text()

    def text(self) -> str:
        return "".join(requests.get(url, timeout=10).text for url in self._urls)

    def grew(self, name: str, by: float, **labels: str) -> bool:
        """Whether it has, before long: counters move just after the caller has the answer."""
        wanted = value(self._before, name, **labels) + by
        return _before_long(lambda: value(self.text(), name, **labels) == wanted)

    def grew_at_least(self, name: str, by: float, **labels: str) -> bool:
        """The same of what is counted again when its message comes again."""
        wanted = value(self._before, name, **labels) + by
        return _before_long(lambda: value(self.text(), name, **labels) >= wanted)


def _before_long(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + _LIMIT_S
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def value(text: str, name: str, **labels: str) -> float:
    """The sum of all samples of that name that have these labels."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )
