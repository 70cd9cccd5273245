"""Which errors an operation answers: its own, and those of what is done for every request."""

from collections.abc import Iterator

from common import errors
from common.errors import FleetError
from front.http.problem import status_of
from front.http.reference.operation import Operation

_ACCOUNTS = (
    errors.Unauthorized,
    errors.TooManyWrongTokens,
    errors.AccountSuspended,
    errors.StoreUnavailable,
)


def problems_of(operation: Operation) -> dict[int, list[type[FleetError]]]:
    """By their status, each error once."""
    found: dict[int, list[type[FleetError]]] = {}
    for error in dict.fromkeys(_raised(operation)):
        found.setdefault(status_of(error).value, []).append(error)
    return dict(sorted(found.items()))


def _raised(operation: Operation) -> Iterator[type[FleetError]]:
    yield errors.BadRequest
    if operation.handler.needs_account:
        yield from _ACCOUNTS
    if operation.handler.is_counted:
        yield errors.RateLimited
    yield from operation.raises
