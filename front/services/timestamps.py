"""Moments, as the database keeps them and as they are shown."""

from datetime import UTC, datetime


def now() -> datetime:
    """UTC in whole milliseconds, as the database keeps it."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def timestamp(at: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the millisecond."""
    return None if at is None else _iso(at, "milliseconds")


def to_the_second(at: datetime) -> str:
    """ISO 8601 in UTC, for people."""
    return _iso(at, "seconds")


def _iso(at: datetime, precision: str) -> str:
    return at.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")
