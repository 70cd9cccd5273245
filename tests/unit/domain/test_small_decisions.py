"""Presets, page ranges, windows, turns, plans: one decision each."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby

import pytest

from common.domain import account
from common.domain.credits import Statement, in_words
from common.domain.selection import selection
from common.domain.tools import tool_named
from common.domain.turns import FAIR_EVERY, Turns
from common.domain.window import window_size
from common.errors import FileTooLarge, InvalidField, TooManyPages
from tests.fakes import plans

END = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (None, (0, 1, 2, 3, 4)),
        (" ", (0, 1, 2, 3, 4)),
        ("1-3,5", (0, 1, 2, 4)),
        ("5, 1", (0, 4)),
        ("2,2-3", (1, 2)),
    ],
)
def test_a_page_range_selects_in_the_order_of_the_file(field: str | None, expected: tuple[int, ...]) -> None:
    chosen = selection(field, 5)
    assert (chosen.pages(), chosen.page_count) == (expected, len(expected))


@pytest.mark.parametrize("field", ["0", "6", "3-1", "1-", "a", "1;2", "-1", "1-9999999", ","])
def test_a_page_range_outside_the_file_or_malformed_is_refused(field: str) -> None:
    with pytest.raises(InvalidField):
        selection(field, 5)


def test_a_range_that_is_repeated_is_counted_once_and_before_its_pages_are_listed() -> None:
    chosen = selection(",".join(["1-100000", "2-99999", "7"] * 300), 100_000)
    assert chosen.ranges == (range(100_000),)
    assert chosen.page_count == 100_000


@pytest.mark.parametrize(
    ("stands", "needed", "told"),
    [
        (Statement(5, 5, balance=0), 3, "none are left: buy more."),
        (Statement(4, 5, balance=1), 3, "1 is left: buy more, or send fewer pages."),
        (Statement(5, 5, END), 1, "none of 5 are left: come back at END, when there are 5 again, or use an"),
        (Statement(5, 5, END), 9, "none of 5 are left: come back at END, when there are 5 again, with fewer"),
        (Statement(3, 5, END), 3, "2 of 5 are left: send fewer pages, come back at END, when there are 5"),
        (Statement(3, 5, END), 9, "2 of 5 are left: send fewer pages, or use an account with more."),
        (Statement(0, 0, END), 1, "none are left: use an account with more."),
    ],
)
def test_who_has_too_few_credits_is_told_what_would_help(stands: Statement, needed: int, told: str) -> None:
    said = stands.refusal(needed).message.replace("2026-11-23T00:00:00Z", "END")
    assert said.startswith(f"This takes {in_words(needed)}, and {told}")


def test_an_unknown_tool_is_refused_with_the_names_of_all() -> None:
    assert tool_named("searchable-pdf").slug == "searchable-pdf"
    with pytest.raises(InvalidField, match=r"extract-tables.*searchable-pdf"):
        tool_named("make-coffee")


def test_a_window_shares_the_slots_within_its_bounds() -> None:
    assert window_size(live_slots=0, active_jobs=0) == 4
    assert window_size(live_slots=8, active_jobs=1) == 16
    assert window_size(live_slots=8, active_jobs=2) == 8
    assert window_size(live_slots=100, active_jobs=1) == 64
    assert window_size(live_slots=2, active_jobs=50) == 4


def test_a_window_is_wider_for_pages_that_take_no_time() -> None:
    assert window_size(live_slots=2, active_jobs=1, page_s=1.5) == 4
    assert window_size(live_slots=2, active_jobs=1, page_s=0.1) == 10
    assert window_size(live_slots=2, active_jobs=1, page_s=0.0) == 24
    assert window_size(live_slots=2, active_jobs=4, page_s=0.0) == 6
    assert window_size(live_slots=50, active_jobs=1, page_s=0.0) == 64


def test_the_urgent_lane_goes_first_and_the_last_one_is_not_starved() -> None:
    turns = Turns()
    chosen = [turns.choose([True, False, True]) for _ in range(2 * FAIR_EVERY)]
    assert chosen.count(2) == 2 and chosen[0] == 0
    turns = Turns()
    chosen = [turns.choose([True, True, True]) for _ in range(20 * FAIR_EVERY)]
    assert chosen.count(1) == chosen.count(2) == 10
    assert max(len(others) for others in _runs_without(2, chosen)) < 2 * FAIR_EVERY
    assert Turns().choose([False, False, True]) == 2
    assert Turns().choose([False, False, False]) is None


def _runs_without(lane: int, chosen: Sequence[int | None]) -> list[list[int | None]]:
    return [list(run) for is_other, run in groupby(chosen, lambda one: one != lane) if is_other]


def test_a_plan_refuses_what_is_above_it() -> None:
    free = plans.FREE
    free.check_size(25 * 1024 * 1024)
    free.check_pages(25)
    with pytest.raises(FileTooLarge, match="25 MB"):
        free.check_size(25 * 1024 * 1024 + 1)
    with pytest.raises(TooManyPages, match="26 pages"):
        free.check_pages(26)


def test_secrets_are_random_and_stored_as_digests() -> None:
    first, second = account.new_secret(), account.new_secret()
    assert first != second and len(first) > 40
    assert account.digest(first) != account.digest(second) and first not in account.digest(first)
