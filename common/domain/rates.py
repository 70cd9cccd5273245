"""How often something may be asked for: quotas that come back bit by bit."""

from dataclasses import dataclass

WINDOW_S = 60


@dataclass(frozen=True, slots=True)
class Quota:
    """``per_minute`` of what ``policy`` names: all at once if need be, then one as each comes back."""

    policy: str
    per_minute: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody has left of a quota.

    ``reset_s``: whole seconds until all of it has come back, or with nothing left, until one has.
    """

    quota: Quota
    remaining: int
    reset_s: int
    is_refused: bool = False
