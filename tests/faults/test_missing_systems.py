"""Without its broker or its database the service says so, and goes on as soon as they are back."""

from tests import files
from tests.client import Client
from tests.pages import numbered_pages
from tests.stack import Stack
from tests.system.judging import check_problem
from tests.system.test_deletion import stored_of

IMAGE = files.png(numbered_pages(1)[0].image)


def test_without_the_broker_nothing_can_be_submitted_and_all_can_be_seen_and_deleted(
    stack: Stack, client: Client
) -> None:
    job = client.read(IMAGE, language="en")
    with stack.without("rabbitmq"):
        check_unavailable(client, "broker_unavailable")
        assert client.job(job["uuid"]).json() == job
        assert client.download(job["uuid"], "txt").text == job["text"]
        assert client.remove(job["uuid"]).status_code == 204
        assert stored_of(stack, job["uuid"]) == 0
    assert client.read(IMAGE, language="en")["status"] == "done"


def test_without_the_database_nothing_can_be_done(stack: Stack, client: Client) -> None:
    job = client.read(IMAGE, language="en")
    with stack.without("secantus"):
        check_unavailable(client, "store_unavailable")
        check_problem(client.job(job["uuid"]), 503, "store_unavailable")
    assert client.job(job["uuid"]).json() == job
    assert client.read(IMAGE, language="en")["status"] == "done"


def check_unavailable(client: Client, code: str) -> None:
    answer = client.submit(IMAGE, language="en")
    check_problem(answer, 503, code)
    assert int(answer.headers["Retry-After"]) > 0
    check_problem(client.get("/readyz"), 503, code)
    assert client.get("/livez").status_code == 200
