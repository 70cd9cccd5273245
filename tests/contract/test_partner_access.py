"""Broker users of partners and their intakes: in memory as on a real broker."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing

import pytest

from common.adapters.rabbit import (
    Management,
    RabbitIntakeQueues,
    RabbitPartnerAccess,
    connected,
    declare_topology,
)
from common.ports import IntakeQueue, IntakeQueues, PartnerAccess
from tests.fakes.partner_access import FakeIntakeQueues, FakePartnerAccess
from tests.stack import Engines

Office = tuple[PartnerAccess, IntakeQueues]


@pytest.fixture(params=["fake", "rabbit"])
async def office(request: pytest.FixtureRequest) -> AsyncIterator[Office]:
    if request.param == "fake":
        yield FakePartnerAccess(), FakeIntakeQueues()
        return
    engines: Engines = request.getfixturevalue("engines")
    if engines.management_url is None:
        pytest.skip("AMQP_MANAGEMENT_URL is not set")
    async with AsyncExitStack() as stack:
        management = stack.enter_context(closing(Management(engines.management_url)))
        amqp_url = request.getfixturevalue("amqp_url")
        connection = await stack.enter_async_context(connected(amqp_url, "contract-tests"))
        await declare_topology(connection)
        yield RabbitPartnerAccess(management), RabbitIntakeQueues(connection)


@pytest.fixture
def name() -> str:
    return f"acme-{secrets.token_hex(4)}"


async def test_a_user_is_made_changed_and_removed_and_each_may_be_repeated(office: Office, name: str) -> None:
    access, _ = office
    assert name not in await access.accounts()
    for password in ("first", "second"):
        await access.identify(name, password)
        await access.allow(name)
    assert name in await access.accounts()
    await access.renew(name, "third")
    assert name in await access.accounts()
    assert await access.clear(name) == 0
    assert await access.shut_out(name)
    assert not await access.shut_out(name)
    assert name not in await access.accounts()


async def test_an_intake_is_made_looked_at_and_removed_and_each_may_be_repeated(
    office: Office, name: str
) -> None:
    _, intakes = office
    assert await intakes.look(name) is None
    assert await intakes.make(name)
    assert not await intakes.make(name)
    assert await intakes.look(name) == IntakeQueue(waiting=0, readers=0)
    assert await intakes.remove(name) == 0
    assert await intakes.look(name) is None
    assert await intakes.remove(name) == 0
