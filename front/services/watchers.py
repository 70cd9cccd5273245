"""Waiting for news of something by its name. A hint, never the truth."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator


class Watchers:
    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)

    def __len__(self) -> int:
        """How many names are watched now."""
        return len(self._waiting)

    def wake(self, name: str) -> None:
        for changed in self._waiting.get(name, ()):
            changed.set()

    @contextlib.contextmanager
    def watch(self, name: str) -> Iterator[asyncio.Event]:
        """An event that is set when there is news; clear it before looking what it is."""
        changed = asyncio.Event()
        self._waiting[name].add(changed)
        try:
            yield changed
        finally:
            self._waiting[name].discard(changed)
            if not self._waiting[name]:
                del self._waiting[name]
