"""What commands about partners work with: the broker, as its administrator and as a front."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from urllib.parse import urlsplit

from common.adapters.mongo_accounts import MongoAccountRepository
from common.adapters.rabbit import Management, RabbitIntakeQueues, RabbitPartnerAccess, connected
from common.errors import ManagementUnavailable
from common.runtime.process import identity
from front.admin.dead_desk import CONNECT_LIMIT_S
from front.admin.desk import PartnerDesk
from front.admin.settings import AdminSettings
from front.services.accounts import Accounts
from front.services.partners import Partners

_NO_MANAGEMENT = (
    "AMQP_MANAGEMENT_URL is not set: where the broker's management API is, with an administrator's login. "
    "For the one-machine stack: 'make up' starts it, and '. .local/env' sets it in this shell. "
    "With Compose: 'docker compose run --rm admin partner …'."
)


@asynccontextmanager
async def partner_desk(
    settings: AdminSettings, repository: MongoAccountRepository, accounts: Accounts
) -> AsyncIterator[PartnerDesk]:
    """Raises BrokerUnavailable, and ManagementUnavailable where the settings say nothing of it."""
    if not settings.amqp_management_url:
        raise ManagementUnavailable(_NO_MANAGEMENT)
    with closing(Management(settings.amqp_management_url)) as management:
        async with connected(settings.amqp_url, identity("admin"), limit_s=CONNECT_LIMIT_S) as connection:
            access, intakes = RabbitPartnerAccess(management), RabbitIntakeQueues(connection)
            partners = Partners(repository, accounts, access, intakes)
            address = _address(settings.amqp_public_url or settings.amqp_url)
            yield PartnerDesk(partners, address, settings.public_url.rstrip("/"))


def _address(url: str) -> str:
    """Scheme, host and port alone; of several nodes, the first."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].partition(",")[0]
    return f"{parts.scheme}://{host}"
