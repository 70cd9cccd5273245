"""Accounts and plans as the API shows them."""

from typing import Any

from common.domain.account import IssuedToken, Token
from common.domain.credits import Statement
from common.domain.plans import Plan
from common.domain.usage import Day
from front.services.timestamps import timestamp

View = dict[str, Any]


def statement_view(statement: Statement) -> View:
    """``used`` of ``cap`` until ``resets_at``, or a ``balance``; the others are null. All are credits."""
    return {
        "used": statement.used,
        "cap": statement.cap,
        "resets_at": timestamp(statement.resets_at),
        "balance": statement.balance,
    }


def token_view(token: Token) -> View:
    """Without the secret, which nobody has but its owner."""
    return {
        "prefix": token.shown,
        "created_at": timestamp(token.created_at),
        "last_used_at": timestamp(token.last_used_at),
    }


def issued_view(issued: IssuedToken) -> View:
    """With the secret: shown this once."""
    return {"token": issued.secret, **token_view(issued.token)}


def day_view(day: Day) -> View:
    return {
        "day": day.day.isoformat(),
        "pages": day.pages,
        "translated_pages": day.translated_pages,
        "messages": day.messages,
        "credits": day.credits,
    }


def limits_view(plan: Plan) -> View:
    """Of jobs, and of how often one may ask."""
    return {
        "max_pages": plan.max_pages,
        "max_bytes": plan.max_bytes,
        "max_active_jobs": plan.max_active_jobs,
        "requests_per_minute": plan.requests_per_minute,
        "questions_per_minute": plan.questions_per_minute,
        "retention_hours": plan.retention_hours,
        "max_retention_hours": plan.max_retention_hours,
    }


def plan_view(plan: Plan) -> View:
    """``allowance`` is null where credits are bought."""
    allowance = plan.allowance
    return {
        "plan": plan.name,
        "allowance": {"credits": allowance.credits, "period": allowance.period.value} if allowance else None,
        "priority": plan.priority,
        "limits": limits_view(plan),
    }
