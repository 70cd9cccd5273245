"""Faults are injected into the same stack that the other tests use; each leaves it whole again."""

from collections.abc import Iterator

import pytest

from tests.stack import Stack


@pytest.fixture(autouse=True)
def healed(stack: Stack) -> Iterator[None]:
    yield
    stack.wait_until_whole()
