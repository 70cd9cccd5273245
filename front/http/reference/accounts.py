"""Accounts and their tokens."""

from http import HTTPStatus

from common import errors
from common.domain.account import SHOWN_CHARACTERS
from front.http.handlers.account import AccountHandler
from front.http.handlers.accounts import AccountsHandler
from front.http.handlers.tokens import RotationHandler, TokenHandler, TokensHandler
from front.http.reference.operation import Answer, Operation, Parameter
from front.http.reference.shapes.account_shapes import (
    AccountShape,
    IssuedTokenShape,
    NewAccountShape,
    TokenListShape,
)

_PREFIX = Parameter(
    "prefix",
    "path",
    {"type": "string", "pattern": rf"^[A-Za-z0-9_-]{{{SHOWN_CHARACTERS}}}$"},
    "The first characters of the token: the whole of it stands in no address.",
    required=True,
)
_ISSUED = Answer(HTTPStatus.CREATED, "The token, shown this once.", {"application/json": IssuedTokenShape})

OPERATIONS = (
    Operation(
        AccountsHandler,
        "post",
        "/api/v1/accounts/",
        name="signUp",
        summary="Make an account",
        description="Where the operator allows that: see `sign_up` of `GET /api/v1/plans/`.",
        answers=(
            Answer(
                HTTPStatus.CREATED,
                "The account, with its first token.",
                {"application/json": NewAccountShape},
                headers=("Location",),
            ),
        ),
        raises=(
            errors.SignUpClosed,
            errors.AccountSuspended,
            errors.TooManySignUps,
            errors.StoreUnavailable,
        ),
    ),
    Operation(
        AccountHandler,
        "get",
        "/api/v1/account/",
        name="getAccount",
        summary="Plan, credits, limits and usage",
        answers=(Answer(HTTPStatus.OK, "The account.", {"application/json": AccountShape}),),
    ),
    Operation(
        TokensHandler,
        "get",
        "/api/v1/account/tokens/",
        name="listTokens",
        summary="The account's valid tokens",
        answers=(
            Answer(
                HTTPStatus.OK, "The tokens, without what is secret.", {"application/json": TokenListShape}
            ),
        ),
    ),
    Operation(
        TokensHandler,
        "post",
        "/api/v1/account/tokens/",
        name="createToken",
        summary="One more token",
        answers=(_ISSUED,),
        raises=(errors.TooManyTokens,),
    ),
    Operation(
        TokenHandler,
        "delete",
        "/api/v1/account/tokens/{prefix}/",
        name="revokeToken",
        summary="Revoke a token",
        parameters=(_PREFIX,),
        answers=(Answer(HTTPStatus.NO_CONTENT, "It is not valid any more."),),
        raises=(errors.InvalidField, errors.NotFound, errors.LastToken),
    ),
    Operation(
        RotationHandler,
        "post",
        "/api/v1/account/tokens/{prefix}/rotate/",
        name="rotateToken",
        summary="Replace a token by a new one",
        parameters=(_PREFIX,),
        answers=(_ISSUED,),
        raises=(errors.InvalidField, errors.NotFound),
    ),
)
