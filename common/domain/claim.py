"""An idempotency key in use: who holds it now, and which job came of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# How long a claim may lie about that no job ever came of.
UNUSED = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """``key`` is the caller's, in visible ASCII; ``owner`` is new with each request that takes it.

    Until ``held_until`` the owner is at work on it. ``job_id`` and ``fingerprint`` (SHA-256 in hex of the
    file and what was asked for) are known once the job is drafted. ``expires_at`` is when a sweep may
    remove the claim at the latest.
    """

    account_id: str
    key: str
    owner: str
    held_until: datetime
    expires_at: datetime
    job_id: str | None = None
    fingerprint: str | None = None

    def is_held(self, now: datetime) -> bool:
        return now < self.held_until
