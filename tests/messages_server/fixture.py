"""What tests ask for: a Messages server that behaves and has forgotten all that was before."""

from collections.abc import Iterator

import pytest

from tests.messages_server.server import MessagesServer, running_messages_server


@pytest.fixture(scope="session")
def any_messages_server() -> Iterator[MessagesServer]:
    """One for all tests, so that a picture is read once."""
    with running_messages_server() as server:
        yield server


@pytest.fixture
def messages_server(any_messages_server: MessagesServer) -> Iterator[MessagesServer]:
    any_messages_server.reset()
    yield any_messages_server
    any_messages_server.reset()
