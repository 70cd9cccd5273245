"""Broker users of partners, by the management API."""

from collections.abc import Sequence

from common.adapters.rabbit.management import Management
from common.contracts.partner_topology import (
    LIMITS,
    account_of,
    own_prefix,
    partner_user,
    permission,
    topic_permissions,
)
from common.contracts.topology import POLICIES, VHOST, policy_document

_POLICIES = [policy for policy in POLICIES if policy.name in ("intake", "partner", "partner-streams")]


class RabbitPartnerAccess:
    def __init__(self, management: Management) -> None:
        self._management = management

    async def accounts(self) -> Sequence[str]:
        users = await self._management.all("users", columns="name")
        return sorted(account for user in users if (account := account_of(user["name"])))

    async def identify(self, account: str, password: str) -> None:
        user = partner_user(account)
        await self._management.put("users", user, body={"password": password, "tags": ""})

    async def allow(self, account: str) -> None:
        """Topics first: where none is defined the broker allows all."""
        await self._bound()
        user = partner_user(account)
        for topic in topic_permissions(account):
            body = {"exchange": topic.exchange, "write": topic.write, "read": topic.read}
            await self._management.put("topic-permissions", VHOST, user, body=body)
        await self._limit(user)
        given = permission(account)
        body = {"configure": given.configure, "write": given.write, "read": given.read}
        await self._management.put("permissions", VHOST, user, body=body)

    async def renew(self, account: str, password: str) -> None:
        """With the user all its connections end, also those that are too new to be in any list."""
        user = partner_user(account)
        limits = await self._limits(user)
        await self._management.delete("users", user)
        await self.identify(account, password)
        for name, limit in limits.items():
            await self._management.put("user-limits", user, name, body={"value": limit})

    async def shut_out(self, account: str) -> bool:
        return await self._management.delete("users", partner_user(account))

    async def clear(self, account: str) -> int:
        return await self._clear("queues", account) + await self._clear("exchanges", account)

    async def _clear(self, kind: str, account: str) -> int:
        found = await self._management.all(kind, VHOST, columns="name")
        own = [one["name"] for one in found if one["name"].startswith(own_prefix(account))]
        return sum([await self._management.delete(kind, VHOST, name) for name in own])

    async def _bound(self) -> None:
        """A broker from outside may have none of our policies; those that it has stay."""
        for policy in _POLICIES:
            if await self._management.get("policies", VHOST, policy.name) is None:
                await self._management.put("policies", VHOST, policy.name, body=policy_document(policy))

    async def _limit(self, user: str) -> None:
        """Those that an operator has set stay."""
        known = await self._limits(user)
        for name in LIMITS.keys() - known.keys():
            await self._management.put("user-limits", user, name, body={"value": LIMITS[name]})

    async def _limits(self, user: str) -> dict[str, int]:
        told = await self._management.all("user-limits", user)
        return {name: limit for one in told for name, limit in one["value"].items()}
