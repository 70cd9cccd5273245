"""How many pages of one job may be in flight: enough to keep the workers busy, no more.

So one file of 2,000 pages cannot starve a file of one, a cancel takes effect soon, and queues stay
short. Pages that are read in no time need more of them under way, or workers wait for the next.
"""

WINDOW_MIN = 4
WINDOW_MAX = 64
_PAGES_PER_SLOT = 2
_MOST_PAGES_PER_SLOT = 12  # the next ones may be slow again
_AHEAD_S = 0.5  # of work for each slot


def window_size(live_slots: int, active_jobs: int, page_s: float | None = None) -> int:
    """Two pages for every live worker slot, shared among the active jobs, within 4…64.

    ``page_s`` is how long the last pages took: where that is little, as many more as take half a
    second, up to twelve for every slot.
    """
    per_slot = _PAGES_PER_SLOT
    if page_s is not None:
        per_slot = round(min(max(_AHEAD_S / max(page_s, 0.001), _PAGES_PER_SLOT), _MOST_PAGES_PER_SLOT))
    share = per_slot * live_slots // max(1, active_jobs)
    return min(max(share, WINDOW_MIN), WINDOW_MAX)
