"""How long a job is kept after its end: what its caller asks for, within what the plan allows."""

import re
from dataclasses import dataclass
from datetime import timedelta

from common.domain.plans import Plan
from common.errors import InvalidField

_HOURS = re.compile(r"[0-9]{1,6}")
# Of a job that is to go once it is fetched, and that nobody fetches, where the plan says nothing else.
_UNFETCHED_HOURS = 24


@dataclass(frozen=True, slots=True)
class Retention:
    """A job is removed ``kept_for`` after its end; where it ``goes_once_fetched``, soon after that."""

    kept_for: timedelta
    goes_once_fetched: bool = False


def retention(asked: str | None, plan: Plan) -> Retention:
    """``asked``: hours, 0 for until it is fetched; None: as the plan has it. Raises InvalidField."""
    hours = _hours(asked, plan) if asked else plan.retention_hours
    kept_for = timedelta(hours=hours or plan.retention_hours or _UNFETCHED_HOURS)
    return Retention(kept_for, goes_once_fetched=not hours)


def _hours(asked: str, plan: Plan) -> int:
    most = plan.max_retention_hours
    if not _HOURS.fullmatch(asked) or int(asked) > most:
        raise InvalidField(
            "retention",
            f"retention is a whole number of hours from 0 (until it is fetched) to {most}, the most of the "
            f"plan '{plan.name}', not {asked[:40]!r}.",
        )
    return int(asked)
