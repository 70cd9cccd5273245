"""What is said when the management API is away, refuses, or is something else."""

from collections.abc import AsyncIterator, Callable
from contextlib import closing

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from common.adapters.rabbit import Management
from common.errors import ManagementRefused, ManagementUnavailable

PASSWORD = "pass/word"
Ask = Callable[[Management], object]


class Answer(RequestHandler):
    """As the last part of the address says."""

    def prepare(self) -> None:
        kind = self.request.path.rpartition("/")[2]
        if kind == "moved":
            self.redirect("/elsewhere")
        elif kind == "page":
            self.finish("<html>It works!</html>")
        elif kind == "users":
            self.finish(b'[{"name": "front"}]')
        else:
            self.set_status(int(kind))
            self.finish({"error": "not_authorised"})


@pytest.fixture
async def place() -> AsyncIterator[str]:
    socket, port = bind_unused_port()
    server = HTTPServer(Application([(r"/.*", Answer)]))
    server.add_socket(socket)
    yield f"127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def management(place: str) -> Management:
    return Management(f"http://operator:pass%2Fword@{place}/ocr")


async def test_what_is_there_is_told_and_what_is_not_is_none(management: Management) -> None:
    with closing(management):
        assert await management.all("users") == [{"name": "front"}]
        assert await management.get("404") is None
        assert await management.delete("200")
        assert not await management.delete("404")


@pytest.mark.parametrize(
    ("answer", "error", "told"),
    [
        ("401", ManagementRefused, "does not take the user 'operator'"),
        ("403", ManagementRefused, "'operator' in AMQP_MANAGEMENT_URL is no administrator"),
        ("404", ManagementUnavailable, "answers GET http://"),
        ("500", ManagementUnavailable, "with 500"),
        ("moved", ManagementUnavailable, "with 302"),
        ("page", ManagementUnavailable, "It works!"),
    ],
)
async def test_another_answer_is_told_in_a_sentence_without_the_password(
    management: Management, answer: str, error: type[Exception], told: str
) -> None:
    with closing(management), pytest.raises(error, match=told) as raised:
        await management.all(answer)
    assert PASSWORD not in str(raised.value) and "pass%2Fword" not in str(raised.value)


async def test_what_a_virtual_host_lacks_is_not_taken_for_set(management: Management) -> None:
    with closing(management), pytest.raises(ManagementUnavailable, match="answers PUT"):
        await management.put("404", body={})


@pytest.mark.parametrize(
    "url", ["http://a:b@127.0.0.1:1", "127.0.0.1:15672", "localhost:15672", "amqp://x/y"]
)
async def test_nobody_there_is_told_with_the_place(url: str) -> None:
    with (
        closing(Management(url)) as nobody,
        pytest.raises(ManagementUnavailable, match="AMQP_MANAGEMENT_URL"),
    ):
        await nobody.all("users")
