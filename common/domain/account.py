"""Accounts and their tokens."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from common.domain.plans import Plan

TOKEN_PREFIX = "ocr_"
TOKEN_BYTES = 32
SHOWN_CHARACTERS = 10


@dataclass(frozen=True, slots=True)
class Account:
    """``id`` is also its name: it appears in routing keys, so it has no dots or blanks."""

    id: str
    plan: Plan
    created_at: datetime
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """A secret as it is stored: its SHA-256, and the first characters so that people can tell it."""

    digest: str
    shown: str
    account_id: str
    created_at: datetime
    revoked_at: datetime | None = None


def new_secret() -> str:
    """A token's secret with 256 random bits; shown to its owner once and kept nowhere."""
    return TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


def digest(secret: str) -> str:
    """SHA-256 in hex: enough for secrets that are random, and equal at every look-up."""
    return hashlib.sha256(secret.encode()).hexdigest()
