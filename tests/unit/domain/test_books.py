"""What the ledger makes of an account's books."""

from dataclasses import replace
from typing import Any

import pytest

from common.domain.books import Audit, Auditor, Books, Difference, Reservation, Row
from common.domain.credits import Charge, Kind, Settlement
from tests.fakes.samples import NOW

# Bought 100; one job charged 7, another with 5 set aside; of November's allowance one charged 4, one with 3.
BOOKS = Books(
    "acme",
    balance=88,
    bought=100,
    top_ups=1,
    changes=6,
    jobs=1,
    used={"2026-11": 7},
    reservations={"open": Reservation(5, None, NOW, is_job=True), "allowed": Reservation(3, "2026-11", NOW)},
)


def row(id: str, credits: int, **changes: Any) -> Row:
    values = {"kind": Kind.PAGES, "period": None, "number": 3, "pages": (), "at": NOW, **changes}
    return Row(account_id="acme", id=id, credits=credits, **values)


TOP_UP = row("invoice", 100, kind=Kind.TOP_UP, number=1)
ROWS = (TOP_UP, row("done", -7), row("free", -4, period="2026-11"))


def audited(books: Books = BOOKS, rows: tuple[Row, ...] = ROWS) -> Audit:
    auditor = Auditor(books)
    for one in rows:
        auditor.add(one)
    return auditor.result()


def test_books_that_are_right_differ_in_nothing() -> None:
    audit = audited()
    assert audit.differences == ()
    assert (audit.rows, audit.waiting, audit.bought, audit.charged) == (3, 0, 100, 11)
    assert (audit.reservations, audit.reserved) == (2, 8)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"jobs": 2}, Difference("jobs under way", 2, 1)),
        ({"balance": 90}, Difference("balance", 90, 88)),
        ({"bought": 120}, Difference("bought credits", 120, 100)),
        ({"used": {"2026-11": 8}}, Difference("used of the allowance of 2026-11", 8, 7)),
        ({"used": {"2026-11": 7, "2026-12": 1}}, Difference("used of the allowance of 2026-12", 1, 0)),
    ],
)
def test_what_the_ledger_does_not_bear_out_is_named(change: dict[str, Any], found: Difference) -> None:
    assert audited(replace(BOOKS, **change)).differences == (found,)


def test_a_row_that_is_missing_shows() -> None:
    assert audited(rows=ROWS[:1] + ROWS[2:]).differences == (Difference("balance", 88, 95),)


def test_a_job_that_is_charged_twice_shows() -> None:
    twice = (*ROWS, row("done", -7, kind=Kind.TRANSLATION))
    assert audited(rows=twice).differences == (Difference("balance", 88, 81),)


@pytest.mark.parametrize("written", [row("open", -5), row("allowed", -1, period="2026-11")])
def test_a_charge_whose_reservation_is_open_does_not_count_yet(written: Row) -> None:
    audit = audited(rows=(*ROWS, written))
    assert (audit.differences, audit.waiting, audit.uncounted) == ((), 1, ())


@pytest.mark.parametrize("number", [6, 7])
def test_a_charge_of_later_books_does_not_count(number: int) -> None:
    """Its reservation, too, was made after the books were read."""
    assert audited(rows=(*ROWS, row("later", -5, number=number))).differences == ()


def test_a_purchase_that_nobody_has_added_yet_is_told() -> None:
    late = row("invoice-2", 50, kind=Kind.TOP_UP, number=2)
    audit = audited(rows=(*ROWS, late))
    assert (audit.differences, audit.uncounted) == ((), (late,))


def test_a_period_that_was_forgotten_is_not_compared() -> None:
    assert audited(rows=(*ROWS, row("old", -9, period="2025-01"))).differences == ()


def test_only_periods_long_gone_are_forgotten() -> None:
    periods = ("2026-08", "2026-09", "2026-10", "2026-11", "2026-12", "2026-11-22", "2026-11-21")
    kept = Reservation(1, "2026-08", NOW)
    books = replace(BOOKS, used=dict.fromkeys(periods, 1), reservations={"job": kept})
    assert books.obsolete("2026-12") == ["2026-09", "2026-10"]
    assert books.obsolete("2026-11-23") == ["2026-11-21"]


@pytest.mark.parametrize("charges", [(6,), (3, 3), (-1,)])
def test_no_more_is_charged_than_was_reserved_and_nothing_is_paid_out(charges: tuple[int, ...]) -> None:
    kinds = (Kind.PAGES, Kind.TRANSLATION)
    parts = tuple(Charge(kind, credits) for kind, credits in zip(kinds, charges, strict=False))
    with pytest.raises(ValueError, match="cannot be charged"):
        Settlement("job", "acme", 5, parts, NOW)
