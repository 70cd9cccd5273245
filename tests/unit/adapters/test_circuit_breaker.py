"""How often a dead provider is asked, and what those are told who are not let through."""

import asyncio

import pytest

from common.adapters.circuit_breaker import CircuitBreaker
from common.errors import ModelDown, ModelUnavailable

PROBE_S, OUTAGE_S = 10, 100


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(PROBE_S, OUTAGE_S, clock)


def fail(breaker: CircuitBreaker, times: int = 1, *, for_all: bool = False) -> None:
    for _ in range(times):
        with breaker.passing() as passage:
            passage.failed("It is broken.", for_all=for_all)


def succeed(breaker: CircuitBreaker) -> None:
    with breaker.passing() as passage:
        passage.succeeded()


def test_it_opens_after_three_failures_in_a_row(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)
    breaker.check()
    fail(breaker)
    with pytest.raises(ModelUnavailable, match=r"It is broken\. It has been so since \d{4}-"):
        breaker.check()


def test_a_success_in_between_begins_the_count_anew(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)
    succeed(breaker)
    fail(breaker, 2)
    assert not breaker.is_open


def test_a_failure_that_any_call_would_meet_opens_it_at_once(breaker: CircuitBreaker) -> None:
    fail(breaker, for_all=True)
    assert breaker.is_open


def test_of_many_that_ask_one_in_an_interval_is_let_through(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    let_through = 0
    for _ in range(50):
        clock.now += 1
        try:
            fail(breaker)
            let_through += 1
        except ModelUnavailable:
            pass
    assert let_through == 5


def test_while_one_probes_no_other_does_however_long_it_takes(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += PROBE_S
    with breaker.passing():
        clock.now += 3 * PROBE_S
        with pytest.raises(ModelUnavailable):
            breaker.check()


def test_a_probe_that_is_cancelled_is_followed_by_another(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += PROBE_S
    with pytest.raises(asyncio.CancelledError), breaker.passing():
        raise asyncio.CancelledError
    clock.now += PROBE_S
    succeed(breaker)


def test_a_probe_that_succeeds_lets_all_through(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += PROBE_S
    succeed(breaker)
    fail(breaker, 2)
    breaker.check()


def test_from_the_outage_time_on_it_is_down(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    for _ in range(OUTAGE_S // PROBE_S):
        with pytest.raises(ModelUnavailable):
            breaker.check()
        clock.now += PROBE_S
        fail(breaker)
    with pytest.raises(ModelDown):
        breaker.check()


def test_failures_of_long_ago_are_no_outage(breaker: CircuitBreaker, clock: Clock) -> None:
    """Nobody asked meanwhile: whether it was away all the time is not known."""
    fail(breaker, 3)
    clock.now += 50 * OUTAGE_S
    fail(breaker)
    with pytest.raises(ModelUnavailable):
        breaker.check()


def test_who_neither_succeeds_nor_fails_changes_nothing(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += PROBE_S
    with breaker.passing():
        pass
    assert breaker.is_open
