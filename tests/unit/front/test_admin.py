"""The operator's command, over accounts in memory."""

import asyncio
import re
import shlex
from argparse import Namespace
from collections.abc import Sequence
from datetime import date
from typing import NoReturn

import pytest

from common.domain.account import Account, digest
from common.domain.credits import Kind
from common.domain.usage import Usage
from common.errors import AccountSuspended, InvalidField, NotFound, StoreUnavailable
from front.admin import __main__ as command
from front.admin.arguments import parse
from front.admin.desk import Desk
from front.services.accounts import Accounts
from front.services.ledger_audit import LedgerAudit
from front.services.tokens import Tokens
from front.services.usage_report import UsageReport
from tests.fakes import plans
from tests.fakes.samples import NOW
from tests.fakes.stores import FakeAccountRepository, FakeCreditStore, FakeUsageStore
from tests.stack import CHECKOUT


def without_broker() -> NoReturn:
    raise AssertionError("the command asks for a broker")


class Admin:
    def __init__(self) -> None:
        self.repository = FakeAccountRepository()
        self.credits = FakeCreditStore()
        self.usage = FakeUsageStore()

    @property
    def desk(self) -> Desk:
        accounts = Accounts(self.repository, self.credits, plans.PLANS)
        return Desk(
            accounts,
            Tokens(self.repository),
            UsageReport(self.usage),
            LedgerAudit(self.credits),
            without_broker,
            without_broker,
        )

    def account_of(self, secret: str) -> Account:
        return asyncio.run(self.desk.tokens.authenticate(secret, NOW))

    def run(self, *arguments: str) -> Sequence[str]:
        given = parse(arguments)
        lines: Sequence[str] = asyncio.run(given.command(self.desk, given))
        return lines


@pytest.fixture
def admin() -> Admin:
    made = Admin()
    made.run("account", "create", "acme", "--plan", "paid")
    return made


def test_an_account_is_made_on_its_plan(admin: Admin) -> None:
    assert admin.repository.accounts["acme"].plan is plans.PAID
    (line,) = admin.run("account", "list")
    assert line.split("\t")[:3] == ["acme", "paid", "active"]
    assert admin.run("account", "show", "acme") == [f"{line}\t0 credits left"]


@pytest.mark.parametrize("name", ["acme", "Acme", "a.b", "a b", "", "x" * 41, "*", "ä", "anonymous-x"])
def test_a_name_that_is_taken_or_cannot_be_one_is_refused(admin: Admin, name: str) -> None:
    with pytest.raises(InvalidField):
        admin.run("account", "create", name, "--plan", "free")


@pytest.mark.parametrize("plan", ["gold", "anonymous"])
def test_a_plan_that_no_account_may_be_on_is_refused(admin: Admin, plan: str) -> None:
    with pytest.raises(InvalidField, match=plan):
        admin.run("account", "create", "x", "--plan", plan)


def test_an_account_is_made_on_the_default_plan_where_none_is_named(admin: Admin) -> None:
    admin.run("account", "create", "x")
    assert admin.repository.accounts["x"].plan is plans.FREE


def test_the_last_line_is_the_token_alone(admin: Admin) -> None:
    secret = admin.run("token", "create", "acme")[-1]
    assert list(admin.repository.tokens) == [digest(secret)]
    assert admin.account_of(secret).id == "acme"


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
    [
        ("account", "show", "nobody"),
        ("account", "topup", "nobody", "5"),
        ("account", "suspend", "nobody"),
        ("token", "create", "nobody"),
        ("token", "list", "nobody"),
    ],
)
def test_an_account_that_is_not_there_is_told_so(admin: Admin, arguments: tuple[str, ...]) -> None:
    with pytest.raises(NotFound, match="nobody"):
        admin.run(*arguments)


def test_credits_are_added_once_for_each_reference(admin: Admin) -> None:
    for reference in ("invoice-1", "invoice-2"):
        answer = admin.run("account", "topup", "acme", "500", "--reference", reference)
    assert answer == ["The account 'acme' has 1000 credits left."]
    assert admin.run("account", "topup", "acme", "500", "--reference", "invoice-1") == [
        "The reference 'invoice-1' has counted before: nothing was added.",
        "The account 'acme' has 1000 credits left.",
    ]
    assert admin.run("account", "topup", "acme", "5") == ["The account 'acme' has 1005 credits left."]
    assert admin.run("account", "topup", "acme", "5") == ["The account 'acme' has 1010 credits left."]
    assert admin.run("account", "show", "acme")[0].endswith("1010 credits left")


@pytest.mark.parametrize("credits", [10**12 + 1, 2**63 - 1, 2**63, 10**40])
def test_more_credits_than_books_can_hold_are_refused(admin: Admin, credits: int) -> None:
    with pytest.raises((InvalidField, SystemExit)):
        admin.run("account", "topup", "acme", str(credits))
    assert admin.run("account", "topup", "acme", str(10**12)) == [
        "The account 'acme' has 1000000000000 credits left."
    ]


def test_one_credit_is_told_as_one(admin: Admin) -> None:
    assert admin.run("account", "topup", "acme", "1") == ["The account 'acme' has 1 credit left."]


def test_an_account_with_an_allowance_buys_nothing(admin: Admin) -> None:
    admin.run("account", "create", "small", "--plan", "free")
    with pytest.raises(InvalidField, match="paid"):
        admin.run("account", "topup", "small", "5")
    assert "100 of 100 credits left until " in admin.run("account", "show", "small")[0]


def test_visitors_are_not_listed_but_can_be_looked_at_and_suspended(admin: Admin) -> None:
    visitor = Account("anonymous-0123456789abcdef", plans.ANONYMOUS, NOW)
    asyncio.run(admin.repository.add(visitor))
    assert len(admin.run("account", "list")) == 1
    admin.run("account", "suspend", visitor.id)
    assert "suspended" in admin.run("account", "show", visitor.id)[0]


def test_an_account_is_put_on_another_plan(admin: Admin) -> None:
    admin.run("account", "topup", "acme", "7")
    (said,) = admin.run("account", "plan", "acme", "free")
    assert said.startswith("The account 'acme' is on the plan 'free': 100 of 100 credits left until ")
    assert admin.repository.accounts["acme"].plan is plans.FREE
    (said,) = admin.run("account", "plan", "acme", "paid")
    assert said.endswith("'paid': 7 credits left."), "what was bought is still there"


@pytest.mark.parametrize(("name", "plan"), [("acme", "gold"), ("acme", "anonymous"), ("anonymous-x", "free")])
def test_nobody_is_put_on_a_plan_that_is_not_for_them(admin: Admin, name: str, plan: str) -> None:
    asyncio.run(admin.repository.add(Account("anonymous-x", plans.ANONYMOUS, NOW)))
    with pytest.raises(InvalidField):
        admin.run("account", "plan", name, plan)


def test_an_account_whose_plan_is_gone_is_told_so_and_can_be_moved(admin: Admin) -> None:
    asyncio.run(admin.repository.add(Account("old", plans.PLANS.named("gold"), NOW)))
    assert "no such plan" in admin.run("account", "show", "old")[0]
    admin.run("account", "plan", "old", "free")
    assert "no such plan" not in admin.run("account", "show", "old")[0]


def test_usage_is_exported_as_csv_with_the_last_day_included(admin: Admin) -> None:
    visitor = Account("anonymous-0123456789abcdef", plans.ANONYMOUS, NOW)
    asyncio.run(admin.repository.add(visitor))
    last = date(2026, 11, 30)
    admin.usage.charged = [
        Usage("acme", date(2026, 10, 31), Kind.PAGES, 9, 90, 90),
        Usage("acme", date(2026, 11, 1), Kind.PAGES, 2, 12, 60),
        Usage("acme", last, Kind.CHAT, 3, 0, 3),
        Usage("acme", date(2026, 12, 1), Kind.PAGES, 9, 90, 90),
        Usage(visitor.id, last, Kind.PAGES, 1, 1, 1),
    ]
    november = ("usage", "export", "--since", "2026-11-01", "--until", "2026-11-30")
    header, *rows = admin.run(*november)
    assert header == "account,day,kind,entries,pages,credits"
    assert sorted(rows) == [
        "acme,2026-11-01,pages,2,12,60",
        "acme,2026-11-30,chat,3,0,3",
        "anonymous-0123456789abcdef,2026-11-30,pages,1,1,1",
    ]
    assert len(admin.run(*november, "--account", "acme")) == 3
    assert len(admin.run("usage", "export", "--until", "2026-11-30")) == 4, "the month of the last day"
    with pytest.raises(NotFound):
        admin.run(*november, "--account", "nobody")


def test_the_books_are_compared_with_the_ledger(admin: Admin) -> None:
    admin.run("account", "topup", "acme", "50", "--reference", "invoice-1")
    acme = admin.repository.accounts["acme"]
    asyncio.run(admin.credits.reserve(acme, "job", 8, NOW))
    assert admin.run("ledger", "verify") == [
        "Compared the books of 1 account with 1 row of the ledger: 50 credits bought, 0 credits charged, "
        "8 credits set aside in 1 open reservation; 0 rows not counted yet.",
        "All of them agree.",
    ]


def test_every_account_that_differs_from_the_ledger_is_named(
    admin: Admin, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("bcme", "ccme"):
        admin.run("account", "create", name, "--plan", "paid")
        admin.run("account", "topup", name, "50")
    admin.run("account", "topup", "acme", "50")
    admin.credits.balances["acme"] += 1
    admin.credits.balances["ccme"] -= 7

    async def carry_out(given: Namespace, _: object) -> Sequence[str]:
        lines: Sequence[str] = await given.command(admin.desk, given)
        return lines

    monkeypatch.setattr(command, "_carry_out", carry_out)
    assert command.main(["ledger", "verify"]) == 3
    *differing, _, summary = capsys.readouterr().out.splitlines()
    assert sorted(differing) == [
        "acme: balance: the books say 51, the ledger makes it 50",
        "ccme: balance: the books say 43, the ledger makes it 50",
    ]
    assert summary.startswith("They differ for 2 accounts: ") and "bcme" not in summary


def test_an_account_is_suspended_and_resumed(admin: Admin) -> None:
    secret = admin.run("token", "create", "acme")[-1]
    admin.run("account", "suspend", "acme")
    with pytest.raises(AccountSuspended):
        admin.account_of(secret)
    assert "suspended" in admin.run("account", "list")[0]
    admin.run("account", "resume", "acme")
    assert admin.account_of(secret).id == "acme"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("account",),
        ("account", "create"),
        ("account", "topup", "x", "0"),
        ("account", "topup", "x", "-5"),
        ("account", "topup", "x", "1.5"),
        ("account", "plan", "x"),
        ("usage", "export", "--since", "yesterday"),
    ],
)
def test_arguments_that_make_no_sense_end_with_a_usage_message(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "usage:" in said
    assert "_" not in said and "PlanName" not in said, "names of the code's own"


def test_a_database_that_was_not_named_is_told_how_to_name_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def carry_out(*_: object) -> Sequence[str]:
        raise StoreUnavailable()

    monkeypatch.setattr(command, "_carry_out", carry_out)
    monkeypatch.setattr("sys.argv", ["admin", "account", "list"])
    monkeypatch.delenv("MONGO_URL", raising=False)
    assert command.main() == 1
    said = capsys.readouterr().err
    assert "make up" in said and ". .local/env" in said
    monkeypatch.setenv("MONGO_URL", "mongodb://127.0.0.1:1")
    assert command.main() == 1
    assert "make up" not in capsys.readouterr().err


def test_the_commands_that_the_readme_shows_are_commands() -> None:
    shown = re.findall(r"-m front\.admin (.*)", (CHECKOUT / "README.md").read_text())
    assert len(shown) > 5
    for line in shown:
        assert parse(shlex.split(line, comments=True)).command
