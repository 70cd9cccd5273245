"""How many pages of one job may be in flight: enough to keep the workers busy, no more.

So one file of 2,000 pages cannot starve a file of one, a cancel takes effect soon, and queues stay
short.
"""

WINDOW_MIN = 4
WINDOW_MAX = 64
_PAGES_PER_SLOT = 2


def window_size(live_slots: int, active_jobs: int) -> int:
    """Two pages for every live worker slot, shared among the active jobs, within 4…64."""
    share = _PAGES_PER_SLOT * live_slots // max(1, active_jobs)
    return min(max(share, WINDOW_MIN), WINDOW_MAX)
