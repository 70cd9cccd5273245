"""Who is turned away while much waits, and how often the broker is asked."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from common.contracts.tasks import Lane, Tier
from common.contracts.topology import PAGE_QUEUES, page_queue
from common.domain.account import Account
from common.errors import BrokerUnavailable, Overloaded
from front.services.forms import SubmitForm
from front.services.queue_depths import KNOWN_FOR_S, QueueDepths
from tests.fakes import plans
from tests.fakes.samples import NOW
from tests.unit.front.services.fleet import Replica, uploaded

EXPRESS, PRIORITY, BULK = (page_queue(Tier.CPU, lane) for lane in (Lane.EXPRESS, Lane.PRIORITY, Lane.BULK))
LIMIT = plans.FREE.queue_depth_limit or 0
MUCH = dict.fromkeys(PAGE_QUEUES, LIMIT + 1)


class Backlog:
    asked = 0
    away = False

    def __init__(self, messages: Mapping[str, int]) -> None:
        self.messages = messages

    async def waiting(self) -> Mapping[str, int]:
        self.asked += 1
        if self.away:
            raise BrokerUnavailable()
        await asyncio.sleep(0)
        return self.messages


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def depths(messages: Mapping[str, int]) -> tuple[QueueDepths, Backlog, Clock]:
    backlog, clock = Backlog(messages), Clock()
    return QueueDepths(backlog, clock), backlog, clock


def test_the_shipped_plans_turn_away_visitors_first_then_free_accounts_and_paid_ones_never() -> None:
    assert plans.ANONYMOUS.queue_depth_limit is not None and plans.FREE.queue_depth_limit is not None
    assert plans.ANONYMOUS.queue_depth_limit < plans.FREE.queue_depth_limit
    assert plans.PAID.queue_depth_limit is None


async def test_a_job_is_taken_up_to_the_limit_of_its_own_lane() -> None:
    known, _, _ = depths({EXPRESS: LIMIT, BULK: LIMIT + 1})
    await known.check(plans.FREE, Tier.CPU, Lane.EXPRESS)
    with pytest.raises(Overloaded, match=f"{LIMIT + 1} pages wait.*no more than {LIMIT}"):
        await known.check(plans.FREE, Tier.CPU, Lane.BULK)
    await known.check(plans.FREE, Tier.VLM, Lane.BULK)


async def test_a_plan_without_a_limit_is_taken_whatever_waits_and_nobody_is_asked() -> None:
    known, backlog, _ = depths(MUCH)
    await known.check(plans.PAID, Tier.CPU, Lane.PRIORITY)
    await known.check_all(plans.PAID)
    assert backlog.asked == 0


async def test_before_its_file_is_known_a_job_is_refused_where_every_lane_is_full() -> None:
    full, _, _ = depths(MUCH)
    with pytest.raises(Overloaded):
        await full.check_all(plans.FREE)
    one_left, _, _ = depths({**MUCH, EXPRESS: 0, PRIORITY: 0})
    await one_left.check_all(plans.FREE)


async def test_the_broker_is_asked_once_in_two_seconds_however_many_ask() -> None:
    known, backlog, clock = depths({})
    await asyncio.gather(*(known.check(plans.FREE, Tier.CPU, Lane.BULK) for _ in range(50)))
    assert backlog.asked == 1
    backlog.messages = MUCH
    clock.now_s += KNOWN_FOR_S
    with pytest.raises(Overloaded):
        await known.check(plans.FREE, Tier.CPU, Lane.BULK)
    assert backlog.asked == 2


async def test_while_the_broker_is_away_its_last_answer_counts() -> None:
    known, backlog, clock = depths(MUCH)
    with pytest.raises(Overloaded):
        await known.check(plans.FREE, Tier.CPU, Lane.BULK)
    backlog.away = True
    clock.now_s += KNOWN_FOR_S
    with pytest.raises(Overloaded):
        await known.check(plans.FREE, Tier.CPU, Lane.BULK)


async def test_a_job_that_is_turned_away_leaves_nothing_and_costs_nothing(tmp_path: Path) -> None:
    fleet, free = Replica(), Account("free", plans.FREE, NOW)
    fleet.broker.messages = {EXPRESS: LIMIT + 1}
    file = tmp_path / "page.png"
    file.write_bytes(b"pixels")
    with pytest.raises(Overloaded):
        await fleet.submission.submit(free, uploaded(file), SubmitForm())
    assert not fleet.jobs.jobs and not fleet.credits.reservations
    fleet.broker.messages = {}
    fleet.time_s += KNOWN_FOR_S
    await fleet.submission.submit(free, uploaded(file), SubmitForm())
