"""``GET /api/v1/account/``: who the token stands for, and what the plan allows."""

from front.http.api_handler import ApiHandler


class AccountHandler(ApiHandler):
    async def get(self) -> None:
        limits = self.account.limits
        self.write_json(
            {
                "account": self.account.id,
                "plan": self.account.plan.value,
                "limits": {"max_pages": limits.max_pages, "max_bytes": limits.max_bytes},
            }
        )


URLS = [(r"/api/v1/account/?", AccountHandler)]
