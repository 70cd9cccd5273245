"""Quotas are used up, come back bit by bit, and are each caller's own."""

import pytest
from throttled import utils

from common.adapters.throttled_rates import ThrottledRates
from common.domain.rates import Quota

SIX = Quota("requests", 6)  # one comes back every 10 s
ME = "me"


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(utils, "now_mono_f", clock)
    return clock


@pytest.fixture
def rates(clock: Clock) -> ThrottledRates:
    return ThrottledRates(max_keys=3)


def use_up(rates: ThrottledRates, who: str = ME) -> None:
    assert not any(rates.take(SIX, who).is_refused for _ in range(SIX.per_minute))


def test_a_quota_may_be_taken_at_once_and_no_more(rates: ThrottledRates) -> None:
    assert [rates.take(SIX, ME).remaining for _ in range(6)] == [5, 4, 3, 2, 1, 0]
    refused = rates.take(SIX, ME)
    assert (refused.is_refused, refused.remaining, refused.reset_s) == (True, 0, 10)


def test_what_is_refused_is_not_counted(rates: ThrottledRates, clock: Clock) -> None:
    use_up(rates)
    for _ in range(20):
        rates.take(SIX, ME)
    clock.now_s += 10
    assert not rates.take(SIX, ME).is_refused


def test_one_comes_back_after_another(rates: ThrottledRates, clock: Clock) -> None:
    use_up(rates)
    clock.now_s += 9
    assert rates.take(SIX, ME).reset_s == 1
    clock.now_s += 11
    assert [rates.take(SIX, ME).is_refused for _ in range(3)] == [False, False, True]


def test_the_time_told_with_some_left_is_until_all_are_back(rates: ThrottledRates, clock: Clock) -> None:
    rates.take(SIX, ME)
    assert rates.take(SIX, ME).reset_s == 20
    clock.now_s += 20
    assert rates.left(SIX, ME).remaining == 6


def test_to_look_takes_nothing_and_tells_the_same_time(rates: ThrottledRates, clock: Clock) -> None:
    assert [rates.left(SIX, ME).remaining for _ in range(3)] == [6, 6, 6]
    use_up(rates)
    clock.now_s += 3
    assert rates.left(SIX, ME) == rates.take(SIX, ME)


def test_others_and_other_policies_have_their_own(rates: ThrottledRates) -> None:
    use_up(rates)
    assert not rates.take(SIX, "you").is_refused
    assert not rates.take(Quota("questions", 6), ME).is_refused


def test_of_too_many_the_one_not_seen_for_longest_is_forgotten(rates: ThrottledRates) -> None:
    use_up(rates, "first")
    use_up(rates, "second")
    use_up(rates, "third")
    rates.take(SIX, "first")
    rates.take(SIX, "fourth")
    assert rates.take(SIX, "first").is_refused
    assert not rates.take(SIX, "second").is_refused
