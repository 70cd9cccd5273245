"""The operator's commands about partners, over a broker in memory."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from common.errors import ManagementUnavailable
from front.admin.__main__ import main
from front.admin.arguments import parse
from front.admin.desk import Desk, PartnerDesk
from front.admin.partner_desk import partner_desk
from front.admin.settings import AdminSettings
from front.services.accounts import Accounts
from front.services.partners import Partners
from tests.fakes import plans
from tests.fakes.partner_access import FakeIntakeQueues, FakePartnerAccess
from tests.fakes.stores import FakeAccountRepository, FakeCreditStore


class Operator:
    def __init__(self) -> None:
        repository = FakeAccountRepository()
        accounts = Accounts(repository, FakeCreditStore(), plans.PLANS)
        self.access, self.intakes = FakePartnerAccess(), FakeIntakeQueues()
        self._partners = Partners(repository, accounts, self.access, self.intakes)

    @asynccontextmanager
    async def desk(self) -> AsyncIterator[PartnerDesk]:
        yield PartnerDesk(self._partners, "amqps://mq.example.com:5671", "https://ocr.example.com")

    def run(self, *arguments: str) -> Sequence[str]:
        given = parse(["partner", *arguments])
        desk = cast(Desk, cast(Any, type("Desk", (), {"partners": staticmethod(self.desk)})))
        lines: Sequence[str] = asyncio.run(given.command(desk, given))
        return lines


@pytest.fixture
def operator() -> Operator:
    return Operator()


def test_how_to_connect_is_told_once(operator: Operator) -> None:
    lines = operator.run("add", "acme", "--plan", "paid")
    password = operator.access.users["acme"].password
    assert f"AMQP_URL=amqps://partner.acme:{password}@mq.example.com:5671/ocr" in lines
    told = "\n".join(lines)
    for settled in ("ocr.submit, routing key acme", "job.acme.#", "partner.acme.", "16 MiB", "message_id"):
        assert settled in told
    again = "\n".join(operator.run("add", "acme"))
    assert password not in again and "AMQP_URL=amqps://partner.acme:<password>@" in again
    assert "is there already" in again


def test_a_new_password_is_told_once(operator: Operator) -> None:
    operator.run("add", "acme", "--plan", "paid")
    told = "\n".join(operator.run("password", "acme"))
    assert f"partner.acme:{operator.access.users['acme'].password}@" in told


def test_partners_are_listed_with_what_waits(operator: Operator) -> None:
    operator.run("add", "acme", "--plan", "paid")
    (line,) = operator.run("list")
    name, plan, state, since, *rest = line.split("\t")
    assert (name, plan, state, rest) == ("acme", "paid", "active", ["has a user", "no requests waiting"])
    assert since.startswith("since 20")


def test_what_a_removal_took_away_is_told(operator: Operator) -> None:
    operator.run("add", "acme", "--plan", "paid")
    operator.access.own["acme"] = 1
    told = "\n".join(operator.run("remove", "acme"))
    assert "'partner.acme' is removed" in told and "1 queue or exchange" in told and "stays" in told
    assert "no broker user" in "\n".join(operator.run("remove", "acme"))


def test_who_has_not_named_the_management_api_is_told_how_to() -> None:
    async def enter() -> None:
        unused: Any = None
        async with partner_desk(AdminSettings(amqp_management_url=None), unused, unused):
            pass

    with pytest.raises(ManagementUnavailable, match=r"'\. \.local/env' sets it"):
        asyncio.run(enter())


@pytest.mark.parametrize("url", ["ocr.example.com", "https://ocr.example.com", "amqp://user:secret@mq:5672"])
def test_where_partners_are_said_to_connect_is_an_address_of_the_broker(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AMQP_PUBLIC_URL", url)
    assert main(["partner", "list"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("AMQP_PUBLIC_URL:") and "amqps://host:5671" in told


def test_who_is_given_the_settings_is_told_where_the_contract_is(operator: Operator) -> None:
    assert "https://ocr.example.com/docs/amqp/" in "\n".join(operator.run("add", "acme"))
