"""``GET /api/v1/account/``: who the token stands for, how it stands, what it used, what its plan allows."""

from datetime import UTC, datetime

from front.http.account_view import day_view, limits_view, statement_view
from front.http.api_handler import ApiHandler


class AccountHandler(ApiHandler):
    async def get(self) -> None:
        account, now = self.account, datetime.now(UTC)
        statement = await self.services.accounts.statement(account, now)
        days = await self.services.usage.last_days(account.id, now)
        self.write_json(
            {
                "account": account.id,
                "plan": account.plan.name,
                **statement_view(statement),
                "limits": limits_view(account.plan),
                "usage": [day_view(day) for day in days],
            }
        )


URLS = [(r"/api/v1/account/?", AccountHandler)]
