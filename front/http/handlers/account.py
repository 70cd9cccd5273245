"""``GET /api/v1/account/``: who the token stands for, how it stands, and what its plan allows."""

from datetime import UTC, datetime

from front.http.account_view import limits_view, statement_view
from front.http.api_handler import ApiHandler


class AccountHandler(ApiHandler):
    async def get(self) -> None:
        statement = await self.services.accounts.statement(self.account, datetime.now(UTC))
        self.write_json(
            {
                "account": self.account.id,
                "plan": self.account.plan.name,
                **statement_view(statement),
                "limits": limits_view(self.account.plan),
            }
        )


URLS = [(r"/api/v1/account/?", AccountHandler)]
