"""Whose requests are counted for what, and that tokens cannot be guessed."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from throttled import utils

from common.adapters.throttled_rates import ThrottledRates
from common.domain.account import Account
from common.errors import (
    AccountSuspended,
    BadRequest,
    FleetError,
    NotFound,
    RateLimited,
    TooManyWrongTokens,
    Unauthorized,
)
from front.services.rate_limits import LOOKS, Kind, RateLimits
from front.services.visitors import PREFIX
from tests.fakes import plans
from tests.fakes.samples import NOW

PLAN = plans.FREE.model_copy(update={"requests_per_minute": 3, "questions_per_minute": 2})
ME, YOU = Account("me", PLAN, NOW), Account("you", PLAN, NOW)
VISITOR = Account(f"{PREFIX}0123456789abcdef", PLAN, NOW)
HERE, THERE = "192.0.2.1", "192.0.2.2"
REMEMBERED = 100
RIGHT, WRONG = "a right token", "a wrong token"


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> RateLimits:
    """At one moment, so that nothing comes back meanwhile."""
    monkeypatch.setattr(utils, "now_mono_f", lambda: 1000.0)
    accounts, addresses, looks = (ThrottledRates(REMEMBERED) for _ in range(3))
    return RateLimits(accounts, addresses, looks, per_address=4, wrong_tokens=2)


def allowed(ask: Callable[[], object]) -> int:
    """How often one may, up to 100 times."""
    for count in range(100):
        try:
            ask()
        except RateLimited:
            return count
    return 100


def try_token(limits: RateLimits, secret: str, network: str = HERE) -> None:
    with limits.guessing(secret, network):
        if secret != RIGHT:
            raise Unauthorized()


def guess(limits: RateLimits, network: str = HERE) -> None:
    with pytest.raises(Unauthorized):
        try_token(limits, WRONG, network)


def test_each_account_has_the_requests_of_its_plan(limits: RateLimits) -> None:
    assert allowed(lambda: limits.check(ME, Kind.REQUESTS)) == 3
    assert allowed(lambda: limits.check(YOU, Kind.REQUESTS)) == 3


def test_questions_and_requests_are_counted_apart(limits: RateLimits) -> None:
    assert allowed(lambda: limits.check(ME, Kind.QUESTIONS)) == 2
    assert allowed(lambda: limits.check(ME, Kind.REQUESTS)) == 3


def test_a_refusal_says_whose_limit_it_is_and_when_to_ask_again(limits: RateLimits) -> None:
    allowed(lambda: limits.check(ME, Kind.QUESTIONS))
    with pytest.raises(RateLimited, match="questions of this account: 2 a minute") as refused:
        limits.check(ME, Kind.QUESTIONS)
    assert (refused.value.policy, refused.value.per_minute) == ("questions", 2)
    assert refused.value.retry_after_s == 30


def test_a_job_may_be_looked_at_whatever_else_was_asked(limits: RateLimits) -> None:
    allowed(lambda: limits.check(ME, Kind.REQUESTS))
    assert LOOKS.per_minute >= 10 * 30, "every 2 s, by a few programs at once"
    for _ in range(LOOKS.per_minute):
        limits.look(ME, "first")
    assert allowed(lambda: limits.look(ME, "second")) == 100
    with pytest.raises(RateLimited):
        limits.look(ME, "first")


@pytest.mark.parametrize("account", [ME, VISITOR], ids=["account", "visitor"])
@pytest.mark.parametrize("why", [NotFound, Unauthorized, BadRequest])
def test_looks_at_nothing_are_requests_like_others(
    limits: RateLimits, account: Account, why: type[FleetError]
) -> None:
    def look() -> None:
        with limits.looking(account):
            raise why()

    for _ in range(3):
        with pytest.raises(why):
            look()
    with pytest.raises(RateLimited):
        look()


@pytest.mark.parametrize("flood", ["visitors", "looks"])
def test_no_flood_makes_what_an_account_has_asked_forgotten(limits: RateLimits, flood: str) -> None:
    allowed(lambda: limits.check(ME, Kind.REQUESTS))
    for index in range(REMEMBERED + 1):
        if flood == "visitors":
            limits.check(replace(VISITOR, id=f"{PREFIX}{index:016x}"), Kind.REQUESTS)
        else:
            limits.look(YOU, f"{index:032x}")
    assert allowed(lambda: limits.check(ME, Kind.REQUESTS)) == 0


def test_who_is_locked_out_is_told_so_as_often_as_an_address_may_ask(limits: RateLimits) -> None:
    def ask() -> None:
        with limits.admitting(HERE):
            raise AccountSuspended()

    for _ in range(4):
        with pytest.raises(AccountSuspended):
            ask()
    with pytest.raises(RateLimited):
        ask()


def test_an_address_has_its_own_requests(limits: RateLimits) -> None:
    assert allowed(lambda: limits.check_address(HERE)) == 4
    assert allowed(lambda: limits.check_address(THERE)) == 4


def test_tokens_cannot_be_guessed_for_long(limits: RateLimits) -> None:
    guess(limits)
    guess(limits)
    with pytest.raises(TooManyWrongTokens) as refused:
        try_token(limits, RIGHT)
    assert refused.value.retry_after_s == 30
    try_token(limits, RIGHT, THERE)


def test_who_guesses_holds_up_nobody_who_was_known_before(limits: RateLimits) -> None:
    try_token(limits, RIGHT)
    for _ in range(2):
        guess(limits)
    try_token(limits, RIGHT)


def test_right_tokens_are_no_guesses(limits: RateLimits) -> None:
    for _ in range(10):
        try_token(limits, RIGHT)
    guess(limits)
