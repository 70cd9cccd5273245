"""Accounts and plans as the API shows them."""

from typing import Any

from common.domain.account import Plan
from common.domain.credits import Statement
from front.http.timestamps import timestamp

View = dict[str, Any]


def statement_view(statement: Statement) -> View:
    """``used`` of ``cap`` until ``resets_at``, or a ``balance``; the others are null. All are credits."""
    return {
        "used": statement.used,
        "cap": statement.cap,
        "resets_at": timestamp(statement.resets_at),
        "balance": statement.balance,
    }


def limits_view(plan: Plan) -> View:
    return {"max_pages": plan.max_pages, "max_bytes": plan.max_bytes}


def plan_view(plan: Plan) -> View:
    """``allowance`` is null where credits are bought."""
    allowance = plan.allowance
    return {
        "plan": plan.name.value,
        "allowance": {"credits": allowance.credits, "period": allowance.period.value} if allowance else None,
        "priority": plan.priority,
        "limits": limits_view(plan),
    }
