"""Why a partner's request comes to nothing: what REST refuses as well, but for what passes with time."""

from common import errors
from common.errors import FleetError
from front.http.reference import submissions

_ALSO: tuple[type[FleetError], ...] = (
    errors.Unauthorized,
    errors.AccountSuspended,
    errors.NotFound,
    errors.Poisoned,
    FleetError,
)
# A message always has a file as its body.
_NEVER = (errors.MissingFile,)
_WAITED_FOR = (errors.Unavailable, errors.TooManyRequests, errors.IdempotencyKeyInUse)


def rejection_codes() -> list[str]:
    (sending,) = submissions.OPERATIONS
    lasting = [
        error
        for error in (*sending.raises, *_ALSO)
        if error is errors.EngineUnavailable or not issubclass(error, _WAITED_FOR)
    ]
    return sorted({error.code for error in lasting if error not in _NEVER})
