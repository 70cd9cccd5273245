"""What an account can do for itself, and what an operator can do for it."""

import csv
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from tests import files
from tests.client import Client, accepted
from tests.pages import blank_page
from tests.stack import Stack
from tests.system.judging import check_problem

ACCOUNT, ACCOUNTS, TOKENS = "/api/v1/account/", "/api/v1/accounts/", "/api/v1/account/tokens/"
LIMIT_S = 20


def pdf_of(pages: int) -> bytes:
    return files.scanned_pdf([blank_page((40, 40))] * pages)


def eventually(look: Callable[[], bool]) -> None:
    """The ledger is written after the job's end is told."""
    ends_at = time.monotonic() + LIMIT_S
    while not look():
        assert time.monotonic() < ends_at
        time.sleep(0.1)


def created(answer: requests.Response) -> dict[str, Any]:
    assert answer.status_code == 201, f"{answer.status_code}: {answer.text[:500]}"
    body: dict[str, Any] = answer.json()
    return body


def today() -> str:
    return datetime.now(UTC).date().isoformat()


@pytest.fixture
def name() -> str:
    return f"accounts-{secrets.token_hex(4)}"


@pytest.fixture
def owner(stack: Stack, name: str) -> Client:
    return stack.client(stack.account(name, "free"))


@pytest.fixture
def passer_by(stack: Stack) -> Client:
    """Asks from an address that has not asked today."""
    numbers = ".".join(str(1 + secrets.randbelow(254)) for _ in range(3))
    return Client(stack.urls, address=f"127.{numbers}")


# --- usage --------------------------------------------------------------------------------------


def test_what_was_used_is_told_by_day_to_owner_and_operator(stack: Stack, name: str, owner: Client) -> None:
    assert len(owner.account()["usage"]) == 30
    began = today()
    for pages in (2, 3):
        owner.read(pdf_of(pages), language="en")
    eventually(lambda: sum(day["credits"] for day in owner.account()["usage"]) == 5)
    used = [day for day in owner.account()["usage"] if day["credits"]]
    assert sum(day["pages"] for day in used) == 5
    assert {day["day"] for day in used} <= {began, today()}
    rows = list(
        csv.DictReader(stack.admin("usage", "export", "--account", name, "--since", began).splitlines())
    )
    assert {(row["account"], row["kind"]) for row in rows} == {(name, "pages")}
    assert [sum(int(row[field]) for row in rows) for field in ("entries", "pages", "credits")] == [2, 5, 5]


# --- tokens -------------------------------------------------------------------------------------


def test_tokens_are_made_listed_rotated_and_revoked(stack: Stack, owner: Client) -> None:
    made = created(owner.post(TOKENS))
    second = stack.client(made["token"])
    assert second.account() == owner.account()
    listed = {one["prefix"]: one for one in accepted(second.get(TOKENS))["tokens"]}
    assert set(listed) == {str(owner.token)[:10], made["prefix"]}
    assert listed[made["prefix"]]["is_this_one"] and listed[made["prefix"]]["last_used_at"]
    assert made["token"] not in str(listed)
    rotated = created(owner.post(f"{TOKENS}{made['prefix']}/rotate/"))
    check_problem(second.get(ACCOUNT), 401, "unauthorized")
    third = stack.client(rotated["token"])
    assert third.delete(f"{TOKENS}{str(owner.token)[:10]}/").status_code == 204
    check_problem(owner.get(ACCOUNT), 401, "unauthorized")
    check_problem(third.delete(f"{TOKENS}{rotated['prefix']}/"), 409, "last_token")
    assert third.get(ACCOUNT).status_code == 200


@pytest.mark.parametrize("prefix", ["ocr_000000", "nonsense"])
def test_a_token_that_is_not_there_is_not_found(owner: Client, stranger: Client, prefix: str) -> None:
    check_problem(owner.delete(f"{TOKENS}{prefix}/"), 404, "not_found")
    check_problem(owner.post(f"{TOKENS}{str(stranger.token)[:10]}/rotate/"), 404, "not_found")
    assert stranger.get(ACCOUNT).status_code == 200


@pytest.mark.parametrize("path", [ACCOUNT, TOKENS])
def test_a_caller_without_a_token_has_no_account(stack: Stack, path: str) -> None:
    check_problem(stack.client(None).get(path), 401, "unauthorized")


# --- signing up ---------------------------------------------------------------------------------


def test_who_signs_up_can_send_files_at_once_and_sign_up_only_so_often(
    stack: Stack, passer_by: Client
) -> None:
    made = [created(passer_by.post(ACCOUNTS)) for _ in range(3)]
    assert len({one["account"] for one in made}) == 3
    client = stack.client(made[0]["token"])
    assert (client.account()["account"], client.account()["plan"]) == (made[0]["account"], "free")
    assert client.read(pdf_of(1), language="en")["status"] == "done"
    refused = passer_by.post(ACCOUNTS)
    check_problem(refused, 429, "too_many_sign_ups")
    assert 0 < int(refused.headers["Retry-After"]) <= 24 * 3600


# --- plans --------------------------------------------------------------------------------------


def test_another_plan_counts_from_the_next_request_on(stack: Stack, name: str, owner: Client) -> None:
    check_problem(owner.submit(pdf_of(26)), 400, "too_many_pages")
    owner.read(pdf_of(2), language="en")
    stack.admin("account", "plan", name, "paid")
    assert (owner.account()["plan"], owner.account()["balance"]) == ("paid", 0)
    check_problem(owner.submit(pdf_of(1)), 402, "out_of_credits")
    stack.admin("account", "topup", name, "50")
    accepted(owner.submit(pdf_of(26), language="en"))
    assert owner.account()["balance"] == 24
    stack.admin("account", "plan", name, "free")
    assert owner.account()["used"] == 2


def test_an_account_whose_plan_is_gone_can_fetch_what_it_has_and_begin_nothing(
    stack: Stack, name: str, tmp_path: Path
) -> None:
    more, known = tmp_path / "more.toml", stack.plans.read_text()
    of_paid = known[known.index("[plans.paid]") :].partition("\n\n")[0]
    more.write_text(f"{known}\n{of_paid.replace('plans.paid', 'plans.gold')}\n")
    client = stack.client(stack.account(name))
    job = client.read(pdf_of(1), language="en")
    stack.admin("account", "plan", name, "gold", plans=more)
    account: dict[str, Any] = client.account()
    assert (account["plan"], account["balance"]) == ("gold", 999_999)
    assert accepted(client.job(job["uuid"])) == job
    assert client.download(job["uuid"], "txt").status_code == 200
    check_problem(client.submit(pdf_of(1)), 403, "plan_withdrawn")
    assert client.remove(job["uuid"]).status_code == 204
    assert "no such plan" in stack.admin("account", "show", name)
