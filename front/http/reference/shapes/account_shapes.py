"""Accounts, tokens and plans. The views: front.http.account_view."""

from typing import Literal

from pydantic import Field

from front.http.reference.shapes.shape import Count, Instant, Shape


class LimitsShape(Shape):
    max_pages: Count
    max_bytes: Count
    max_active_jobs: Count
    requests_per_minute: Count
    questions_per_minute: Count
    retention_hours: Count
    max_retention_hours: Count


class DayShape(Shape):
    day: str = Field(json_schema_extra={"format": "date"})
    pages: Count
    translated_pages: Count
    messages: Count
    credits: int


class AccountShape(Shape):
    """`used` of `cap` until `resets_at`, or a `balance`; the others are null. All are credits."""

    account: str
    plan: str
    used: Count | None
    cap: Count | None
    resets_at: Instant | None
    balance: Count | None
    limits: LimitsShape
    usage: list[DayShape]


class TokenShape(Shape):
    prefix: str = Field(description="The first characters of the token, its name.")
    created_at: Instant
    last_used_at: Instant | None


class ListedTokenShape(TokenShape):
    is_this_one: bool = Field(description="The request was made with it.")


class TokenListShape(Shape):
    tokens: list[ListedTokenShape]


class IssuedTokenShape(TokenShape):
    """With the whole token: shown this once."""

    token: str


class NewAccountShape(IssuedTokenShape):
    """With its first token: shown this once."""

    account: str
    plan: str
    limits: LimitsShape


class AllowanceShape(Shape):
    credits: Count
    period: Literal["day", "month"]


class PlanShape(Shape):
    """`allowance` is null where credits are bought."""

    plan: str
    allowance: AllowanceShape | None
    priority: bool
    limits: LimitsShape


class PricesShape(Shape):
    cpu: Count
    vlm: Count
    translation: Count = Field(description="Beside what reading the page costs.")


class PlansShape(Shape):
    plans: list[PlanShape]
    default_plan: str
    sign_up: bool = Field(description="Anybody may make an account.")
    credits_per_page: PricesShape
    credits_per_message: Count
