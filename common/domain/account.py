"""Accounts and their tokens."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from common.domain.plans import Plan

TOKEN_PREFIX = "ocr_"
TOKEN_BYTES = 32
SHOWN_CHARACTERS = 10
# How exactly a token's last use is known: more would cost a write for every request.
LAST_USE_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Account:
    """``id`` is also its name: it appears in routing keys, so it has no dots or blanks. A partner may send
    requests through the broker.
    """

    id: str
    plan: Plan
    created_at: datetime
    suspended: bool = False
    partner_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A secret as it is stored: its SHA-256, and the first characters so that people can tell it."""

    digest: str
    shown: str
    account_id: str
    created_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None

    def use_is_to_be_noted(self, now: datetime) -> bool:
        return self.last_used_at is None or now - self.last_used_at >= LAST_USE_EVERY


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token with its ``secret``, which is shown to its owner once and kept nowhere."""

    secret: str
    token: Token


def issue_token(account_id: str, now: datetime) -> IssuedToken:
    secret = new_secret()
    return IssuedToken(secret, Token(digest(secret), secret[:SHOWN_CHARACTERS], account_id, now))


def new_secret() -> str:
    """A token's secret with 256 random bits."""
    return TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


def digest(secret: str) -> str:
    """SHA-256 in hex: enough for secrets that are random, and equal at every look-up."""
    return hashlib.sha256(secret.encode()).hexdigest()
