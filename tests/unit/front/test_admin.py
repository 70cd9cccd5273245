"""The operator's command, over accounts in memory."""

import asyncio
from collections.abc import Sequence

import pytest

from common.domain.account import PlanName, digest
from common.errors import InvalidField, NotFound
from front.admin.arguments import parse
from front.services.accounts import Accounts
from tests.fakes.stores import FakeAccountRepository


class Admin:
    def __init__(self) -> None:
        self.repository = FakeAccountRepository()

    def run(self, *arguments: str) -> Sequence[str]:
        given = parse(arguments)
        lines: Sequence[str] = asyncio.run(given.command(Accounts(self.repository), given))
        return lines


@pytest.fixture
def admin() -> Admin:
    made = Admin()
    made.run("account", "create", "acme", "--plan", "paid")
    return made


def test_an_account_is_made_on_its_plan(admin: Admin) -> None:
    assert admin.repository.accounts["acme"].plan is PlanName.PAID
    (line,) = admin.run("account", "list")
    assert line.split("\t")[:3] == ["acme", "paid", "active"]
    assert admin.run("account", "show", "acme") == [line]


@pytest.mark.parametrize("name", ["acme", "Acme", "a.b", "a b", "", "x" * 41, "*", "ä"])
def test_a_name_that_is_taken_or_cannot_be_one_is_refused(admin: Admin, name: str) -> None:
    with pytest.raises(InvalidField):
        admin.run("account", "create", name, "--plan", "free")


def test_the_last_line_is_the_token_alone(admin: Admin) -> None:
    secret = admin.run("token", "create", "acme")[-1]
    assert list(admin.repository.tokens) == [digest(secret)]
    assert asyncio.run(Accounts(admin.repository).authenticate(secret)).id == "acme"


def test_tokens_are_listed_by_their_beginnings_alone(admin: Admin) -> None:
    secret = admin.run("token", "create", "acme")[-1]
    (line,) = admin.run("token", "list", "acme")
    assert line.startswith(secret[:10])
    assert secret not in line
    assert line.endswith("valid")


def test_a_token_is_revoked_by_its_beginning(admin: Admin) -> None:
    secret = admin.run("token", "create", "acme")[-1]
    admin.run("token", "revoke", "acme", secret[:10])
    (line,) = admin.run("token", "list", "acme")
    assert "revoked" in line
    with pytest.raises(NotFound):
        admin.run("token", "revoke", "acme", secret[:10])


@pytest.mark.parametrize(
    "arguments",
    [("account", "show", "nobody"), ("token", "create", "nobody"), ("token", "list", "nobody")],
)
def test_an_account_that_is_not_there_is_told_so(admin: Admin, arguments: tuple[str, ...]) -> None:
    with pytest.raises(NotFound, match="nobody"):
        admin.run(*arguments)


@pytest.mark.parametrize(
    "arguments", [(), ("account",), ("account", "create", "x"), ("account", "create", "x", "--plan", "gold")]
)
def test_arguments_that_make_no_sense_end_with_a_usage_message(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    assert ended.value.code == 2
