"""Faults are injected into the same stack that the other tests use; each leaves it whole again."""

from collections.abc import Iterator

import pytest

from tests.stack import Stack, running_stack

# So that what is left behind is taken up while a test waits for it, and no test waits for a minute.
HASTE = {
    "FRONT_INLINE_WAIT_S": "1",
    "FRONT_RECOVERY_SWEEP_S": "1",
    "FRONT_RECOVERY_OUTSTANDING_S": "2",
    "FRONT_RECOVERY_DRAFT_S": "3",
    "FRONT_RECOVERY_SENT_S": "20",
    "OCR_EXPORT_WAIT_S": "3",
}


@pytest.fixture(autouse=True)
def healed(stack: Stack) -> Iterator[None]:
    yield
    stack.wait_until_whole()


@pytest.fixture(scope="session")
def hasty_stack(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[Stack]:
    """A stack for itself with little patience: a module makes it its own with a fixture ``stack``."""
    with running_stack(tmp_path_factory.mktemp("hasty"), seed=seed, settings=HASTE) as started:
        yield started
