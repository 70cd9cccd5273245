"""What every kind of test may ask for: a running stack, accounts on it, and clients for them."""

import os
import secrets
import signal
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.client import Client
from tests.messages_server.fixture import any_messages_server as any_messages_server
from tests.messages_server.fixture import messages_server as messages_server
from tests.stack import Engines, Stack, running_engines, running_stack


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="run the long tests, and those alone")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "soak: takes minutes; runs with --soak alone")
    # As Ctrl-C does: every fault is taken back and every stack stopped before the run ends.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = config.getoption("--soak")
    rest = [item for item in items if bool(item.get_closest_marker("soak")) != wanted]
    config.hook.pytest_deselected(items=rest)
    items[:] = [item for item in items if item not in rest]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"Fronts were chosen by OCR_TEST_SEED={_any_seed()}")


@pytest.fixture(scope="session")
def seed() -> int:
    """Of everything that is left to chance: OCR_TEST_SEED=number repeats a run."""
    return _any_seed()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[Stack]:
    """A stack of our own; with OCR_TEST_STACK=folder, the one in that folder, which is left running."""
    kept = os.environ.get("OCR_TEST_STACK")
    state = Path(kept) if kept else tmp_path_factory.mktemp("stack")
    with running_stack(state, keep=bool(kept), seed=seed) as started:
        yield started


@cache
def _any_seed() -> int:
    return int(os.environ.get("OCR_TEST_SEED") or secrets.randbelow(1_000_000))


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """A broker and a database for the adapters alone; with AMQP_URL and MONGO_URL set, those."""
    with running_engines(tmp_path_factory.mktemp("engines")) as started:
        yield started


@pytest.fixture(scope="session")
def amqp_url(engines: Engines) -> str:
    return engines.amqp_url


@pytest.fixture(scope="session")
def mongo_url(engines: Engines) -> str:
    return engines.mongo_url


@pytest.fixture(scope="session")
def new_account(stack: Stack) -> Callable[[str], Client]:
    """Makes an account on a plan, and the client that asks for it."""

    def make(plan: str) -> Client:
        return stack.client(stack.account(f"{plan}-{secrets.token_hex(4)}", plan))

    return make


@pytest.fixture(scope="session")
def client(new_account: Callable[[str], Client]) -> Client:
    """Asks for an account on the paid plan."""
    return new_account("paid")


@pytest.fixture(scope="session")
def stranger(new_account: Callable[[str], Client]) -> Client:
    """Asks for another account on the paid plan."""
    return new_account("paid")


@pytest.fixture(scope="session")
def free_client(new_account: Callable[[str], Client]) -> Client:
    """Asks for an account on the free plan."""
    return new_account("free")
