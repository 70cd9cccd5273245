"""RabbitMQ through aio-pika; nothing outside this package imports that library."""

from common.adapters.rabbit.announcements import RabbitAnnouncements
from common.adapters.rabbit.broker import RabbitBroker
from common.adapters.rabbit.connection import connected, declare_topology
from common.adapters.rabbit.consumer import RabbitConsumer
from common.adapters.rabbit.dead_letters import RabbitDeadLetters
from common.adapters.rabbit.delivery import RabbitDelivery
from common.adapters.rabbit.intake_queues import RabbitIntakeQueues
from common.adapters.rabbit.management import Management
from common.adapters.rabbit.partner_access import RabbitPartnerAccess
from common.adapters.rabbit.publisher import RabbitPublisher
from common.adapters.rabbit.requests import RabbitRequestQueues

__all__ = [
    "Management",
    "RabbitAnnouncements",
    "RabbitBroker",
    "RabbitConsumer",
    "RabbitDeadLetters",
    "RabbitDelivery",
    "RabbitIntakeQueues",
    "RabbitPartnerAccess",
    "RabbitPublisher",
    "RabbitRequestQueues",
    "connected",
    "declare_topology",
]
