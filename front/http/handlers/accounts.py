"""``POST /api/v1/accounts/``: an account for whoever asks, where the operator allows that."""

from front.http.account_view import issued_view, limits_view
from front.http.api_handler import ApiHandler


class AccountsHandler(ApiHandler):
    needs_account = False

    async def post(self) -> None:
        account, issued = await self.services.sign_up.sign_up(self.network)
        self.set_status(201)
        self.set_header("Location", "/api/v1/account/")
        self.write_json(
            {
                "account": account.id,
                "plan": account.plan.name,
                **issued_view(issued),
                "limits": limits_view(account.plan),
            }
        )


URLS = [(r"/api/v1/accounts/?", AccountsHandler)]
