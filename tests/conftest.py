"""What every kind of test may ask for: a running stack, accounts on it, and clients for them."""

import itertools
import os
import secrets
import signal
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from xdist.remote import Producer

from common.runtime.model_settings import ACCESS
from deploy.local.fleet import model_settings
from tests.client import Client
from tests.lanes import Lanes, in_lanes
from tests.messages_server.fixture import any_messages_server as any_messages_server
from tests.messages_server.fixture import messages_server as messages_server
from tests.messages_server.server import MessagesServer
from tests.otlp_receiver import Collector, collecting
from tests.secrets_in_logs import SECRETS
from tests.stack import Engines, Stack, kill_stacks, running_engines, running_stack

# So that what is left behind is taken up while a test waits for it, and no test waits for a minute.
_HASTE = {
    "FRONT_INLINE_WAIT_S": "1",
    "FRONT_RECOVERY_SWEEP_S": "1",
    "FRONT_RECOVERY_OUTSTANDING_S": "2",
    "FRONT_RECOVERY_DRAFT_S": "3",
    "FRONT_RECOVERY_SENT_S": "20",
    "FRONT_STRAY_CREDITS_S": "3",
    "OCR_EXPORT_WAIT_S": "3",
    "FRONT_FETCHED_GRACE_S": "5",
    "FRONT_LAST_CALL_S": "2",
    "FRONT_RETENTION_SWEEP_S": "1",
}
# Traces are sent at once.
_OFTEN = {"OTEL_BSP_SCHEDULE_DELAY": "300"}
# As shipped, answers of a chat cost nothing.
_ANSWERS_COST = 2
# Anybody may make an account.
_OPEN = {"FRONT_SIGN_UP": "true"}
# So that a model that is away is asked again soon, and that a dozen pages are more than it is shown at once.
_MODEL_HASTE = {"OCR_MODEL_PROBE_S": "1", "OCR_CHAT_OUTAGE_S": "2", "OCR_CHAT_CONTEXT_TOKENS": "4000"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="run the long tests, and those alone")
    parser.addoption(
        "--live", action="store_true", help="run what a real model can be asked, and that alone, with yours"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "soak: takes minutes; runs with --soak alone")
    config.addinivalue_line("markers", "live: any good model must pass; runs with --live, too")
    if config.getoption("--live") and not any(map(os.environ.get, ACCESS)):
        raise pytest.UsageError(
            "A live model is asked with your own access: set ANTHROPIC_API_KEY, or ANTHROPIC_BASE_URL for a "
            "server of your own, and OCR_MODEL where it is not the default."
        )
    os.environ["OCR_TEST_SEED"] = str(_any_seed())  # the same in all processes
    # As Ctrl-C does: every fault is taken back and every stack stopped before the run ends.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    soak, live = config.getoption("--soak"), config.getoption("--live")
    rest = [
        item
        for item in items
        if bool(item.get_closest_marker("soak")) != soak or (live and not item.get_closest_marker("live"))
    ]
    config.hook.pytest_deselected(items=rest)
    items[:] = [item for item in items if item not in rest]
    if hasattr(config, "workerinput"):  # of several processes
        items[:] = in_lanes(items)


def pytest_unconfigure(config: pytest.Config) -> None:
    if config.getoption("numprocesses"):  # one that was interrupted has but seconds to stop its stacks
        kill_stacks(config._tmp_path_factory.getbasetemp())


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Lanes:
    return Lanes(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Besides what chance chose, whatever a test has recorded as ``told``."""
    for report in itertools.chain(*map(terminalreporter.getreports, ("passed", "failed"))):
        for name, value in getattr(report, "user_properties", ()):
            if name == "told":
                terminalreporter.write_line(str(value))
    terminalreporter.write_line(f"Fronts were chosen by OCR_TEST_SEED={_any_seed()}")


@pytest.fixture(scope="session")
def seed() -> int:
    """Of everything that is left to chance: OCR_TEST_SEED=number repeats a run."""
    return _any_seed()


@pytest.fixture(scope="session")
def model(request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings of the model that the stack asks: the messages server's; with ``--live`` the caller's own."""
    if request.config.getoption("--live"):
        return model_settings(os.environ)
    server: MessagesServer = request.getfixturevalue("any_messages_server")
    return {"ANTHROPIC_BASE_URL": server.url, **_MODEL_HASTE}


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, seed: int, model: dict[str, str]) -> Iterator[Stack]:
    """A stack of our own, with a model; with OCR_TEST_STACK=folder, the one in that folder, which is left
    running.
    """
    kept = os.environ.get("OCR_TEST_STACK")
    state = Path(kept) if kept else tmp_path_factory.mktemp("stack")
    settings = {**model, **_OPEN}
    with running_stack(
        state, keep=bool(kept), seed=seed, settings=settings, answers_cost=_ANSWERS_COST
    ) as started:
        yield started
        check_logs(started)


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Of what the hasty stack traces."""
    with collecting() as started:
        yield started


@pytest.fixture(scope="session")
def hasty_stack(tmp_path_factory: pytest.TempPathFactory, seed: int, collector: Collector) -> Iterator[Stack]:
    """A stack without a model, with little patience and traces: a module makes it its own with a fixture
    ``stack``.

    One for all of that, since starting a stack takes seconds.
    """
    settings = {**_HASTE, **_OFTEN, "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
    with running_stack(tmp_path_factory.mktemp("hasty"), seed=seed, settings=settings) as started:
        yield started
        check_logs(started)


def check_logs(stack: Stack) -> None:
    """No process has logged a token, or words of a document, in all the tests that used the stack."""
    for folder in (stack.state / "log", stack.state / "rabbitmq" / "log"):
        assert SECRETS.found_in(folder) == []


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
