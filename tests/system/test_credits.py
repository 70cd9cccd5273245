"""What pages cost: reserved, charged for what was read, refused when there is no more."""

import secrets
from collections.abc import Callable

import pytest

from tests import files
from tests.client import Client, accepted
from tests.pages import blank_page
from tests.stack import Stack
from tests.system.judging import check_problem


def pdf_of(pages: int) -> bytes:
    return files.scanned_pdf([blank_page((40, 40))] * pages)


@pytest.fixture
def name() -> str:
    return f"credits-{secrets.token_hex(4)}"


def test_an_allowance_is_used_page_by_page(new_account: Callable[[str], Client]) -> None:
    client = new_account("free")
    fresh = client.account()
    assert (fresh["plan"], fresh["used"], fresh["cap"], fresh["balance"]) == ("free", 0, 100, None)
    assert fresh["resets_at"].endswith("-01T00:00:00.000Z")
    assert fresh["limits"].items() >= {"max_pages": 25, "max_bytes": 25 * 1024 * 1024}.items()
    job = client.read(pdf_of(3), language="en")
    assert job["usage"] == {"pages": 3, "credits": 3}
    assert client.account()["used"] == 3


def test_who_has_used_an_allowance_up_is_told_when_there_is_more(
    new_account: Callable[[str], Client],
) -> None:
    client = new_account("free")
    for _ in range(4):
        client.read(pdf_of(24), language="en")
    body = check_problem(client.submit(pdf_of(5)), 402, "out_of_credits")
    assert (body["used"], body["cap"], body["needed"]) == (96, 100, 5)
    assert body["resets_at"].endswith("-01T00:00:00Z")
    client.read(pdf_of(4), language="en")
    check_problem(client.submit(pdf_of(1)), 402, "out_of_credits")
    assert client.account()["used"] == 100


def test_bought_credits_are_spent(stack: Stack, name: str) -> None:
    client = stack.client(stack.account(name, credits=4))
    assert client.account()["balance"] == 4
    body = check_problem(client.submit(pdf_of(5)), 402, "out_of_credits")
    assert (body["balance"], body["needed"]) == (4, 5)
    assert client.account()["balance"] == 4, "what was refused costs nothing"
    client.read(pdf_of(3), language="en")
    assert client.account()["balance"] == 1
    stack.admin("account", "topup", name, "10", "--reference", "invoice-1")
    stack.admin("account", "topup", name, "10", "--reference", "invoice-1")
    assert client.account()["balance"] == 11


def test_without_a_single_credit_no_file_is_received(stack: Stack, name: str) -> None:
    client = stack.client(stack.account(name, credits=0))
    body = check_problem(client.submit(b"not even a file"), 402, "out_of_credits")
    assert (body["balance"], body["needed"]) == (0, 1)


def test_a_page_that_failed_costs_nothing(stack: Stack, name: str) -> None:
    client = stack.client(stack.account(name, credits=10))
    job = client.read(files.torn_tiff([blank_page((400, 300))] * 3, torn=1), "torn.tiff", language="en")
    assert (job["status"], job["usage"]) == ("done", {"pages": 2, "credits": 2})
    assert job["failed_pages"] == [{"index": 1, "code": "page_unreadable"}]
    assert client.account()["balance"] == 8


@pytest.mark.parametrize("data", [b"", b"nothing", pdf_of(1)[:200]])
def test_a_file_that_is_refused_costs_nothing(new_account: Callable[[str], Client], data: bytes) -> None:
    client = new_account("free")
    assert client.submit(data).status_code == 400
    assert client.account()["used"] == 0


def test_only_what_was_chosen_is_paid_for(new_account: Callable[[str], Client]) -> None:
    client = new_account("free")
    accepted(client.submit(pdf_of(9), language="en", pages="2-3"))
    assert client.account()["used"] == 2


def test_the_plans_are_told(stack: Stack) -> None:
    answer = stack.client(None).get("/api/v1/plans/").json()
    assert [plan["plan"] for plan in answer["plans"]][:3] == ["anonymous", "free", "paid"]
    assert answer["credits_per_page"]["cpu"] == 1
