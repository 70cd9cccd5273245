"""``GET /api/v1/plans/``: what there is to choose from, and what a page costs."""

from common.domain.account import PLANS
from common.domain.credits import CREDITS_PER_PAGE
from front.http.account_view import plan_view
from front.http.api_handler import ApiHandler


class PlansHandler(ApiHandler):
    needs_account = False

    async def get(self) -> None:
        prices = {tier.value: credits for tier, credits in CREDITS_PER_PAGE.items()}
        self.write_json({"plans": [plan_view(plan) for plan in PLANS.values()], "credits_per_page": prices})


URLS = [(r"/api/v1/plans/?", PlansHandler)]
