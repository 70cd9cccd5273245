"""Tokens: made, listed, replaced, revoked, and when they were last used."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from common.domain.account import Account, Token
from common.errors import InvalidField, LastToken, NotFound, StoreUnavailable, TooManyTokens, Unauthorized
from front.services.tokens import MAX_TOKENS, REVOKED_KEPT, Tokens
from tests.fakes import plans
from tests.fakes.samples import NOW
from tests.fakes.stores import FakeAccountRepository

SECOND = timedelta(seconds=1)


class Repository(FakeAccountRepository):
    """Counts how often a use was noted; ``away``: that cannot be done now. ``meanwhile``: what others do just
    before the next token is revoked.
    """

    def __init__(self) -> None:
        super().__init__()
        self.noted, self.away = 0, False
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    async def note_use(self, token: Token, now: datetime) -> None:
        if self.away:
            raise StoreUnavailable()
        self.noted += 1
        await super().note_use(token, now)

    async def revoke_token(self, digest: str, now: datetime) -> bool:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        return await super().revoke_token(digest, now)


@pytest.fixture
async def repository() -> Repository:
    made = Repository()
    for name in ("acme", "other"):
        await made.add(Account(name, plans.FREE, NOW))
    return made


@pytest.fixture
def tokens(repository: Repository) -> Tokens:
    return Tokens(repository)


async def test_a_token_of_another_account_is_not_there(tokens: Tokens) -> None:
    theirs = await tokens.create("other", NOW)
    await tokens.create("acme", NOW)
    for act in (tokens.revoke, tokens.rotate):
        with pytest.raises(NotFound):
            await act("acme", theirs.token.shown, NOW)
    assert (await tokens.authenticate(theirs.secret, NOW)).id == "other"


async def test_the_last_token_stays_unless_an_operator_says_otherwise(tokens: Tokens) -> None:
    first, second = [await tokens.create("acme", NOW) for _ in range(2)]
    await tokens.revoke("acme", first.token.shown, NOW)
    with pytest.raises(LastToken):
        await tokens.revoke("acme", second.token.shown, NOW)
    assert (await tokens.authenticate(second.secret, NOW)).id == "acme"
    await tokens.revoke("acme", second.token.shown, NOW, may_be_last=True)
    assert not await tokens.valid("acme")


async def test_a_rotated_token_is_another_one(tokens: Tokens) -> None:
    old = await tokens.create("acme", NOW)
    new = await tokens.rotate("acme", old.token.shown, NOW)
    assert new.secret != old.secret
    assert (await tokens.authenticate(new.secret, NOW)).id == "acme"
    with pytest.raises(Unauthorized):
        await tokens.authenticate(old.secret, NOW)
    with pytest.raises(NotFound):
        await tokens.rotate("acme", old.token.shown, NOW)


async def test_two_tokens_with_one_beginning_are_told_apart_only_as_a_whole(
    tokens: Tokens, repository: Repository
) -> None:
    first = await tokens.create("acme", NOW)
    await repository.add_token(Token("digest", first.token.shown, "acme", NOW))
    with pytest.raises(InvalidField, match="2 tokens"):
        await tokens.revoke("acme", first.token.shown, NOW)
    assert (await tokens.revoke("acme", first.secret, NOW)).digest == first.token.digest


async def test_an_account_has_so_many_valid_tokens(tokens: Tokens) -> None:
    made = [await tokens.create("acme", NOW) for _ in range(MAX_TOKENS)]
    with pytest.raises(TooManyTokens):
        await tokens.create("acme", NOW)
    await tokens.rotate("acme", made[0].token.shown, NOW)
    await tokens.revoke("acme", made[1].token.shown, NOW)
    await tokens.create("acme", NOW)


async def test_of_two_who_replace_one_token_at_once_one_gets_a_new_one(tokens: Tokens) -> None:
    old = await tokens.create("acme", NOW)
    rotated = [tokens.rotate("acme", old.token.shown, NOW) for _ in range(2)]
    outcomes = await asyncio.gather(*rotated, return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["IssuedToken", "NotFound"]
    assert len(await tokens.valid("acme")) == 1


async def test_two_who_revoke_the_last_two_at_once_do_not_lock_the_account_out(tokens: Tokens) -> None:
    made = [await tokens.create("acme", NOW) for _ in range(2)]
    revoked = [tokens.revoke("acme", one.token.shown, NOW) for one in made]
    await asyncio.gather(*revoked, return_exceptions=True)
    assert await tokens.valid("acme")


async def test_a_new_token_stays_if_all_others_were_revoked_meanwhile(
    tokens: Tokens, repository: Repository
) -> None:
    first, second = [await tokens.create("acme", NOW) for _ in range(2)]

    async def others() -> None:
        await tokens.revoke("acme", first.token.shown, NOW)
        await tokens.revoke("acme", second.token.shown, NOW)

    repository.meanwhile = others
    new = await tokens.rotate("acme", first.token.shown, NOW)
    assert await tokens.valid("acme") == [new.token]


async def test_of_many_who_make_tokens_at_once_none_makes_one_too_many(tokens: Tokens) -> None:
    for _ in range(MAX_TOKENS - 1):
        await tokens.create("acme", NOW)
    await asyncio.gather(*(tokens.create("acme", NOW) for _ in range(5)), return_exceptions=True)
    assert len(await tokens.valid("acme")) <= MAX_TOKENS


async def test_revoked_tokens_are_forgotten_after_weeks(tokens: Tokens) -> None:
    old, new = [await tokens.create("acme", NOW) for _ in range(2)]
    await tokens.revoke("acme", old.token.shown, NOW)
    await tokens.forget_revoked(NOW + REVOKED_KEPT)
    assert len(await tokens.list("acme")) == 2
    await tokens.forget_revoked(NOW + REVOKED_KEPT + SECOND)
    assert await tokens.list("acme") == [new.token]


async def test_nothing_that_is_stored_holds_the_secret(tokens: Tokens, repository: Repository) -> None:
    issued = await tokens.create("acme", NOW)
    assert issued.secret not in repr(repository.tokens)


async def test_a_use_is_noted_once_a_minute(tokens: Tokens, repository: Repository) -> None:
    secret = (await tokens.create("acme", NOW)).secret
    for after_s in (0, 1, 59, 60, 61, 119, 300):
        await tokens.authenticate(secret, NOW + after_s * SECOND)
    assert repository.noted == 3
    (token,) = await tokens.valid("acme")
    assert token.last_used_at == NOW + 300 * SECOND


async def test_a_use_that_cannot_be_noted_keeps_nobody_out(tokens: Tokens, repository: Repository) -> None:
    secret = (await tokens.create("acme", NOW)).secret
    repository.away = True
    assert (await tokens.authenticate(secret, NOW)).id == "acme"


async def test_a_token_that_is_refused_was_not_used(tokens: Tokens, repository: Repository) -> None:
    issued = await tokens.create("acme", NOW)
    await tokens.revoke("acme", issued.token.shown, NOW, may_be_last=True)
    with pytest.raises(Unauthorized):
        await tokens.authenticate(issued.secret, NOW)
    assert not repository.noted
