"""Quotas counted in this process's memory, by the generic cell rate algorithm of throttled-py."""

from math import ceil

from throttled import MemoryStore, RateLimiterType, RateLimitState, Throttled, per_min

from common.domain.rates import WINDOW_S, Quota, Standing


class ThrottledRates:
    """Remembers ``max_keys`` at most, the latest. One number is kept for each, until its quota is whole."""

    def __init__(self, max_keys: int) -> None:
        self._store = MemoryStore(options={"MAX_SIZE": max_keys})
        self._throttles: dict[int, Throttled] = {}

    def take(self, quota: Quota, who: str) -> Standing:
        result = self._throttle(quota).limit(_key(quota, who))
        return _standing(quota, result.state, is_refused=result.limited)

    def left(self, quota: Quota, who: str) -> Standing:
        state = self._throttle(quota).peek(_key(quota, who))
        return _standing(quota, state, is_refused=state.remaining < 1)

    def _throttle(self, quota: Quota) -> Throttled:
        if quota.per_minute not in self._throttles:
            self._throttles[quota.per_minute] = Throttled(
                using=RateLimiterType.GCRA.value, quota=per_min(quota.per_minute), store=self._store
            )
        return self._throttles[quota.per_minute]


def _key(quota: Quota, who: str) -> str:
    return f"{quota.policy}:{who}"


def _standing(quota: Quota, state: RateLimitState, *, is_refused: bool) -> Standing:
    """The library's own time of the next try is that of the last one where nothing is taken."""
    all_but_one_s = WINDOW_S * (quota.per_minute - 1) / quota.per_minute
    after_s = state.reset_after if state.remaining else max(0.0, state.reset_after - all_but_one_s)
    return Standing(quota, state.remaining, ceil(after_s), is_refused)
