"""An account's jobs, newest first, in parts that follow each other."""

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from common.domain.account import Account
from common.domain.job import Job
from common.errors import InvalidField
from common.ports import JobRepository, Place

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_PLACE = re.compile(rb"([0-9]{1,14})\.([0-9a-f]{32})")


@dataclass(frozen=True, slots=True)
class Part:
    """``next_cursor`` leads to the next part; None at the end."""

    jobs: Sequence[Job]
    next_cursor: str | None


class Listing:
    def __init__(self, jobs: JobRepository, now: Callable[[], datetime]) -> None:
        self._jobs = jobs
        self._now = now

    async def part(self, account: Account, limit: int, cursor: str | None) -> Part:
        """Up to ``limit`` jobs of the account. Raises InvalidField for a cursor that is none of ours."""
        before = _place(cursor) if cursor else None
        now = self._now()
        found = await self._jobs.of_account(account.id, limit + 1, before=before, now=now)
        jobs = found[:limit]
        shown = [job for job in jobs if not job.is_expired(now)]
        return Part(shown, _cursor(jobs[-1]) if len(found) > limit else None)


def _cursor(job: Job) -> str:
    """The job's place, in a form that nobody is tempted to compose."""
    place = f"{(job.created_at - _EPOCH) // _MILLISECOND}.{job.id}"
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _place(cursor: str) -> Place:
    found = _PLACE.fullmatch(_decoded(cursor))
    if found is None:
        raise InvalidField("cursor", "The cursor is not one of ours: use next_cursor as it came.")
    return Place(_EPOCH + int(found[1]) * _MILLISECOND, found[2].decode())


def _decoded(cursor: str) -> bytes:
    """Nothing, where it cannot be decoded."""
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        return b""
