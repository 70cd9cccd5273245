"""Partners are added and removed step by step, and whatever was interrupted is finished by asking again."""

from datetime import timedelta

import pytest

from common.domain.account import Account
from common.errors import InvalidField, NotFound, RequestsWait
from common.ports import IntakeQueue
from front.services.accounts import Accounts
from front.services.partners import Partners
from tests.fakes import plans
from tests.fakes.partner_access import FakeIntakeQueues, FakePartnerAccess, User
from tests.fakes.samples import NOW
from tests.fakes.stores import FakeAccountRepository, FakeCreditStore

LATER = NOW + timedelta(hours=1)


class Office:
    def __init__(self) -> None:
        self.repository = FakeAccountRepository()
        self.access = FakePartnerAccess()
        self.intakes = FakeIntakeQueues()
        accounts = Accounts(self.repository, FakeCreditStore(), plans.PLANS)
        self.partners = Partners(self.repository, accounts, self.access, self.intakes, release_limit_s=0.5)

    @property
    def since(self) -> object:
        return self.repository.accounts["acme"].partner_since


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
async def acme(office: Office) -> Office:
    await office.partners.add("acme", "paid", NOW)
    return office


async def test_a_partner_has_an_account_a_user_that_may_and_an_intake(office: Office) -> None:
    admission = await office.partners.add("acme", "paid", NOW)
    assert admission.is_new_account and admission.is_new_intake and not admission.was_partner
    assert office.access.users["acme"].password == admission.password
    assert office.access.users["acme"].is_allowed
    assert list(office.intakes.queues) == ["acme"]
    assert office.since == NOW


async def test_a_partner_who_is_added_again_keeps_password_and_time(acme: Office) -> None:
    before = acme.access.users["acme"].password
    admission = await acme.partners.add("acme", None, LATER)
    assert admission.was_partner and admission.password is None
    assert acme.access.users["acme"].password == before
    assert acme.since == NOW


async def test_what_a_broker_has_lost_is_made_again(acme: Office) -> None:
    acme.access.users.clear()
    acme.intakes.queues.clear()
    admission = await acme.partners.add("acme", None, LATER)
    assert admission.is_new_intake and acme.access.users["acme"].password == admission.password


@pytest.mark.parametrize("call", ["identify", "allow"])
async def test_an_interrupted_addition_is_no_partner_until_it_is_repeated(office: Office, call: str) -> None:
    office.access.fails = call
    with pytest.raises(InterruptedError):
        await office.partners.add("acme", "paid", NOW)
    assert not await office.repository.partners()
    admission = await office.partners.add("acme", "paid", LATER)
    assert admission.password and office.access.users["acme"].password == admission.password
    assert office.since == LATER


async def test_an_account_that_is_there_becomes_the_partners_as_it_is(office: Office) -> None:
    await office.repository.add(Account("acme", plans.PAID, NOW, suspended=True))
    with pytest.raises(InvalidField, match="account plan acme free"):
        await office.partners.add("acme", "free", NOW)
    assert not office.access.users and not office.intakes.queues
    admission = await office.partners.add("acme", None, LATER)
    assert not admission.is_new_account and admission.account.suspended
    assert office.since == LATER


async def test_visitors_are_no_partners(office: Office) -> None:
    await office.repository.lodge(Account("anonymous-x", plans.ANONYMOUS, NOW), LATER)
    with pytest.raises(InvalidField, match="without a token"):
        await office.partners.add("anonymous-x", None, NOW)
    assert not office.access.users


@pytest.mark.parametrize("name", ["dead", "Acme", "a.b", "anonymous-x", "*", "#", "", "x" * 41])
async def test_a_name_that_would_be_anothers_at_the_broker_is_refused(office: Office, name: str) -> None:
    with pytest.raises(InvalidField):
        await office.partners.add(name, None, NOW)
    assert not office.access.users and not office.intakes.queues and not office.repository.accounts


async def test_of_a_partner_who_is_removed_the_account_stays(acme: Office) -> None:
    acme.access.own["acme"] = 2
    removal = await acme.partners.remove("acme", LATER, drop=False)
    assert (removal.had_user, removal.requests, removal.own) == (True, 0, 2)
    assert not acme.access.users and not acme.intakes.queues
    assert acme.since is None
    again = await acme.partners.remove("acme", LATER, drop=False)
    assert (again.had_user, again.requests, again.own) == (False, 0, 0)


async def test_requests_that_wait_are_served_before_the_intake_goes(acme: Office) -> None:
    acme.intakes.queues["acme"] = IntakeQueue(3, 1)
    with pytest.raises(RequestsWait, match=r"3 requests still wait in 'ocr\.intake\.acme'"):
        await acme.partners.remove("acme", LATER, drop=False)
    assert not acme.access.users and "acme" in acme.intakes.queues
    assert acme.since == NOW
    acme.intakes.queues["acme"] = IntakeQueue(0, 0)
    await acme.partners.remove("acme", LATER, drop=False)
    assert acme.since is None and not acme.intakes.queues


async def test_requests_that_wait_are_dropped_only_when_asked_to(acme: Office) -> None:
    acme.intakes.queues["acme"] = IntakeQueue(3, 1)
    assert (await acme.partners.remove("acme", LATER, drop=True)).requests == 3
    assert acme.since is None and not acme.intakes.queues


async def test_what_a_front_gives_back_is_not_removed_with_the_intake(acme: Office) -> None:
    def front_lets_go() -> None:
        if acme.since is None:
            acme.intakes.queues["acme"] = IntakeQueue(1, 0)

    acme.intakes.queues["acme"] = IntakeQueue(0, 1)
    acme.intakes.looked = front_lets_go
    with pytest.raises(RequestsWait, match="1 request still waits"):
        await acme.partners.remove("acme", LATER, drop=False)
    assert acme.since == NOW and "acme" in acme.intakes.queues


async def test_an_intake_that_a_front_holds_on_to_stays(acme: Office) -> None:
    acme.intakes.queues["acme"] = IntakeQueue(0, 1)
    with pytest.raises(RequestsWait, match="being taken in"):
        await acme.partners.remove("acme", LATER, drop=False)
    assert acme.since == NOW and "acme" in acme.intakes.queues


async def test_a_removal_that_was_interrupted_is_finished_by_the_next(acme: Office) -> None:
    acme.access.fails = "clear"
    with pytest.raises(InterruptedError):
        await acme.partners.remove("acme", LATER, drop=False)
    assert acme.since == NOW
    await acme.partners.remove("acme", LATER, drop=False)
    assert acme.since is None and not acme.intakes.queues


async def test_a_new_password_ends_what_was_connected_with_the_old_one(acme: Office) -> None:
    acme.access.users["acme"].connections = 2
    before = acme.access.users["acme"].password
    password = await acme.partners.new_password("acme")
    assert password != before
    assert acme.access.users["acme"] == User(password, is_allowed=True, connections=0)


async def test_nobody_but_a_partner_has_a_password_to_change(office: Office) -> None:
    await office.repository.add(Account("acme", plans.PAID, NOW))
    for name in ("acme", "nobody"):
        with pytest.raises(NotFound, match=name):
            await office.partners.new_password(name)


async def test_the_list_has_the_half_made_as_well(acme: Office) -> None:
    acme.access.fails = "allow"
    with pytest.raises(InterruptedError):
        await acme.partners.add("globex", "paid", NOW)
    acme.access.users.pop("acme")
    acme.intakes.queues["acme"] = IntakeQueue(7, 1)
    first, second = await acme.partners.list()
    assert (first.account.id, first.has_user, first.intake) == ("acme", False, IntakeQueue(7, 1))
    assert (second.account.id, second.has_user, second.account.partner_since) == ("globex", True, None)
