"""The plans' file: what is shipped holds, and a wrong one says what is wrong and what would be right."""

from pathlib import Path

import pytest

from common.contracts.tasks import Tier
from common.domain.credits import Period
from common.domain.plans import Allowance
from common.errors import PlansInvalid, PlanWithdrawn
from common.runtime.plans_file import load_plans
from tests.fakes.plans import PLANS, SHIPPED

TEXT = SHIPPED.read_text()


def refusal(tmp_path: Path, text: str) -> str:
    """What is said of the file, without its name."""
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(PlansInvalid) as refused:
        load_plans(file)
    lines = refused.value.message.splitlines()
    assert all(line.startswith(f"{file}: ") for line in lines), "the file is not named"
    return "\n".join(line.removeprefix(f"{file}: ") for line in lines)


def test_what_is_shipped_is_what_the_contract_promises() -> None:
    anonymous, free, paid = PLANS.plans.values()
    assert anonymous.allowance == Allowance(credits=5, period=Period.DAY)
    assert (anonymous.max_pages, anonymous.max_bytes) == (5, 10 * 1024 * 1024)
    assert free.allowance == Allowance(credits=100, period=Period.MONTH)
    assert (free.max_pages, free.max_bytes) == (25, 25 * 1024 * 1024)
    assert (paid.max_pages, paid.max_bytes, paid.priority) == (2000, 500 * 1024 * 1024, True)
    assert paid.allowance is None and paid.queue_depth_limit is None
    assert {plan.retention_hours for plan in (anonymous, free, paid)} == {24}
    assert [PLANS.credits.per_page(tier) for tier in (Tier.CPU, Tier.VLM)] == [1, 5]
    assert (PLANS.credits.translation, PLANS.credits.chat) == (0, 0)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (
            "max_pages = 5",
            "max_pages = 0",
            "plans.anonymous.max_pages: Input should be greater than or equal",
        ),
        ("max_pages = 5", 'max_pages = "5"', "plans.anonymous.max_pages: Input should be a valid integer"),
        ("max_pages = 5", "", "plans.anonymous.max_pages: this is missing."),
        (
            "max_pages = 5",
            "pages = 5",
            "plans.anonymous.pages: there is no such setting; there are: max_p",
        ),
        (
            '= "day"',
            '= "week"',
            "plans.anonymous.allowance.period: Input should be 'day' or 'month', not 'week'.",
        ),
        ("chat = 0", "chat = -1", "credits.chat: Input should be greater than or equal to 0, not -1."),
        ("chat = 0", "talk = 0", "credits.talk: there is no such setting; there are: cpu, vlm, translation,"),
        ('"free"', '"gold"', "default_plan is 'gold', and may be one of: free, paid."),
        ('"free"', '"anonymous"', "default_plan is 'anonymous', and may be one of: free, paid."),
        ("[plans.anonymous]", "[plans.visitors]", "there is no [plans.anonymous]"),
        (
            "max_pages = 5",
            "max_pages = 5\nretention_hours = 48",
            "retention_hours is 48, more than max_ret",
        ),
        ("[plans.paid]", "[plans.Gold]", "plans.Gold.name: a plan is called by up to 40 of a-z,"),
        ("priority = true", 'name = "gold"', "[plans.paid] has no setting 'name'"),
        ("priority = true", "is_offered = false", "[plans.paid] has no setting 'is_offered'"),
        ("[plans.paid]", "[plans.paid", "this is not TOML: "),
        (TEXT, "plans = 1", "plans: this should be a table of settings, not 1."),
    ],
)
def test_a_wrong_file_is_refused_with_the_setting_and_what_is_allowed(
    tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    assert right in TEXT
    assert said in refusal(tmp_path, TEXT.replace(right, wrong, 1))


def test_every_wrong_setting_is_told_at_once(tmp_path: Path) -> None:
    wrong = TEXT.replace("cpu = 1", "cpu = -1").replace("max_pages = 25", "max_pages = 0")
    assert len(refusal(tmp_path, wrong).splitlines()) == 2


def test_a_file_that_is_not_there_is_told_with_the_setting_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(PlansInvalid, match=r"nowhere\.toml: .*No such file.*OCR_PLANS_FILE"):
        load_plans(tmp_path / "nowhere.toml")


def test_a_plan_may_have_any_name(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(TEXT.replace("plans.paid", "plans.gold-2026"))
    plans = load_plans(tmp_path / "mine.toml")
    assert plans.for_accounts == ["free", "gold-2026"]
    assert plans.named("gold-2026").priority


def test_a_plan_that_is_not_in_the_file_begins_nothing_and_costs_nothing() -> None:
    gone = PLANS.named("gold")
    assert (gone.name, gone.allowance, gone.priority) == ("gold", None, False)
    with pytest.raises(PlanWithdrawn, match="'gold'"):
        gone.check_offered()
    PLANS.named("paid").check_offered()
