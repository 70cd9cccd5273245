"""What accounts may do and what things cost: an operator's file, as ``deploy/plans.toml`` documents it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from common.contracts.tasks import Tier
from common.domain.credits import Period
from common.errors import FileTooLarge, PlanWithdrawn, TooManyJobs, TooManyPages

ANONYMOUS = "anonymous"
_MB = 1024 * 1024

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
AtLeast0 = Annotated[int, Field(ge=0)]
AtLeast1 = Annotated[int, Field(ge=1)]


class _Table(BaseModel):
    """A table of the file: no other fields, and a number is a number."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Allowance(_Table):
    """``credits`` that come anew with each ``period``; what is not used is not kept."""

    credits: AtLeast0
    period: Annotated[Period, Field(strict=False)]


class Prices(_Table):
    """In credits: a page read on ``cpu`` or ``vlm``, a page translated, a message answered in a chat."""

    cpu: AtLeast0 = 1
    vlm: AtLeast0 = 5
    translation: AtLeast0 = 0
    chat: AtLeast0 = 0

    def per_page(self, tier: Tier) -> int:
        return self.cpu if tier is Tier.CPU else self.vlm


class Plan(_Table):
    """What an account may do. Without an ``allowance``, credits are bought: the account has a balance.

    ``priority``: its pages go before those of others. New jobs are refused while more than
    ``queue_depth_limit`` tasks wait in their lane; None: never. A retention of 0 hours ends with the
    first fetch. Of a plan that is not ``is_offered``, what there is may be used up, and nothing begun.
    """

    name: Slug
    max_pages: AtLeast1
    max_bytes: AtLeast1
    priority: bool = False
    allowance: Allowance | None = None
    max_active_jobs: AtLeast1
    requests_per_minute: AtLeast1
    questions_per_minute: AtLeast1
    retention_hours: AtLeast0 = 24
    max_retention_hours: AtLeast0 = 24
    queue_depth_limit: AtLeast0 | None = None
    is_offered: bool = True

    @model_validator(mode="after")
    def _keeps_no_longer_than_allowed(self) -> Self:
        if self.retention_hours > self.max_retention_hours:
            raise ValueError(
                f"retention_hours is {self.retention_hours}, more than max_retention_hours, which is "
                f"{self.max_retention_hours}"
            )
        return self

    def check_offered(self) -> None:
        """Raises PlanWithdrawn: to be asked before anything is begun that may cost something."""
        if not self.is_offered:
            raise PlanWithdrawn(
                f"The account's plan '{self.name}' is not offered any more: ask the operator of this service "
                "for another. What was made is still there to be fetched."
            )

    def check_active_jobs(self, under_way: int) -> None:
        """Raises TooManyJobs where one more would be above the plan's number."""
        if under_way >= self.max_active_jobs:
            raise TooManyJobs(
                f"{under_way} jobs of this account are under way, and the plan '{self.name}' takes "
                f"{self.max_active_jobs} at once: send the file again when one has ended."
            )

    def check_size(self, size_bytes: int) -> None:
        """Raises FileTooLarge for a file above the plan's size."""
        if size_bytes > self.max_bytes:
            raise FileTooLarge(
                f"The file is larger than {_in_words(self.max_bytes)}, the limit of the plan "
                f"'{self.name}': send a smaller file or part of it."
            )

    def check_pages(self, page_count: int) -> None:
        """Raises TooManyPages for more pages than the plan takes in one job."""
        if page_count > self.max_pages:
            raise TooManyPages(
                f"The file has {page_count} pages and the plan '{self.name}' takes {self.max_pages} "
                "at once: choose some with the field 'pages', for example pages=1-"
                f"{self.max_pages}."
            )


class Plans(_Table):
    """The whole file. ``default_plan``: of accounts for which nobody says another."""

    default_plan: Slug
    credits: Prices = Prices()
    plans: Mapping[str, Plan]

    @field_validator("plans", mode="before")
    @classmethod
    def _names_are_those_of_the_tables(cls, tables: Any) -> Any:
        if not isinstance(tables, Mapping):
            return tables
        return {name: _named(name, table) for name, table in tables.items()}

    @model_validator(mode="after")
    def _has_what_is_asked_for(self) -> Self:
        if ANONYMOUS not in self.plans:
            raise ValueError(f"there is no [plans.{ANONYMOUS}], which callers without a token are on")
        if self.default_plan not in self.for_accounts:
            raise ValueError(
                f"default_plan is {self.default_plan!r}, and may be one of: {', '.join(self.for_accounts)}"
            )
        return self

    @property
    def anonymous(self) -> Plan:
        return self.plans[ANONYMOUS]

    @property
    def for_accounts(self) -> Sequence[str]:
        """The names of the plans that an account may be put on: not the one of callers without a token."""
        return [name for name in self.plans if name != ANONYMOUS]

    def named(self, name: str) -> Plan:
        """The plan; for a name that is not in the file, one that is not offered and has no allowance."""
        if name in self.plans:
            return self.plans[name]
        return self.anonymous.model_copy(update={"name": name, "allowance": None, "is_offered": False})


def _named(name: str, table: Any) -> Any:
    """A table of the file with its name. Raises ValueError for what a file may not say."""
    if not isinstance(table, Mapping):
        return table
    for field in ("name", "is_offered"):
        if field in table:
            raise ValueError(f"[plans.{name}] has no setting {field!r}: a plan is called as its table is")
    return {**table, "name": name}


def _in_words(size_bytes: int) -> str:
    return f"{size_bytes // _MB} MB" if size_bytes >= _MB else f"{size_bytes} bytes"
