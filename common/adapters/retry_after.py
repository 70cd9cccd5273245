"""How long a server wants to be left alone: the header ``retry-after`` (RFC 9110, 10.2.3)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """In seconds from ``now``; the header holds seconds or a date. None where it holds neither.

    ``headers`` are looked up as they are: pass a mapping that ignores case.
    """
    value = headers.get("retry-after", "").strip()
    try:
        delay_s = float(value)
    except ValueError:
        delay_s = _until(value, now)
    return max(0.0, delay_s) if delay_s < float("inf") else None


def _until(date: str, now: datetime) -> float:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, TypeError, OverflowError):
        return float("inf")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp()
