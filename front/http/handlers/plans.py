"""``GET /api/v1/plans/``: what there is to choose from, and what a page costs."""

from front.http.account_view import plan_view
from front.http.api_handler import ApiHandler


class PlansHandler(ApiHandler):
    needs_account = False

    async def get(self) -> None:
        plans = self.services.plans
        prices = plans.credits
        self.write_json(
            {
                "plans": [plan_view(plan) for plan in plans.plans.values()],
                "default_plan": plans.default_plan,
                "sign_up": self.surroundings.settings.sign_up,
                "credits_per_page": {"cpu": prices.cpu, "vlm": prices.vlm, "translation": prices.translation},
                "credits_per_message": prices.chat,
            }
        )


URLS = [(r"/api/v1/plans/?", PlansHandler)]
