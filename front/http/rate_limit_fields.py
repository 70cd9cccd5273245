"""The header fields that tell a client its quota.

Format: draft-ietf-httpapi-ratelimit-headers-10. Names of policies are strings of structured fields: RFC 9651.
"""

from common.domain.rates import WINDOW_S, Standing
from common.errors import RateLimited


def fields_of(standing: Standing) -> dict[str, str]:
    return _fields(standing.quota.policy, standing.quota.per_minute, standing.remaining, standing.reset_s)


def fields_of_refusal(error: RateLimited) -> dict[str, str]:
    """Empty where it is not known which quota is used up."""
    if error.policy is None:
        return {}
    return _fields(error.policy, error.per_minute, 0, error.retry_after_s or 0)


def _fields(policy: str, per_minute: int, remaining: int, reset_s: int) -> dict[str, str]:
    return {
        "RateLimit-Policy": f'"{policy}";q={per_minute};w={WINDOW_S}',
        "RateLimit": f'"{policy}";r={remaining};t={reset_s}',
    }
