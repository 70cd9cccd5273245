"""Exchanges, queues, bindings, policies and permissions as data: the broker's side of the contract.

Declared here are only the things that cannot change on a live queue (its type, its dead-letter
exchange). Every limit is a policy, so that an operator can change it without a restart. The same
data makes the definitions document that a broker imports and what the front declares at its start.
"""

import base64
import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from common.contracts.tasks import Lane, Tier

VHOST = "ocr"

TASKS = "ocr.tasks"
RESULTS = "ocr.results"
DEAD = "ocr.dead"
SUBMIT = "ocr.submit"
TRACKING = "ocr.tracking"

# Fronts publish with it to ``ocr.tasks`` to learn whether the broker takes messages. No queue is bound
# with it, and that exchange being direct, none that an operator binds gets one by a wildcard.
PROBE_KEY = "probe"

FEED_PREFIX = "front.feed."
# What fronts hear of jobs. The end of one that is done may carry its result; a hint comes in its place.
FEED_KEYS = ("hint.job", "job.*.accepted", "job.*.page", "job.*.failed", "job.*.canceled")

RETRY_DELAYS_S = (2, 15, 60)

# What the configuration of every broker of ours says, whatever its own default: 128 MiB of 3.x, 16 of 4.x.
MAX_MESSAGE_BYTES = 16 * 1024 * 1024

# Of workers that ended in the middle of it, and, before RabbitMQ 4.3, of those that handed it back.
TASK_DELIVERY_LIMIT = 20
# What the broker may not give up by itself: results, requests, and letters at which an operator looks.
NO_DELIVERY_LIMIT = 1_000_000
DEAD_LETTER_DAYS = 14
PARTNER_KEEPS_DAYS = 14
_DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Exchange:
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Queue:
    """A durable quorum queue; ``dead_letter_exchange`` takes what is rejected or delivered too often. Of
    several consumers ``one_at_a_time`` is given messages, and another one once that is gone.
    """

    name: str
    dead_letter_exchange: str | None = None
    one_at_a_time: bool = False

    @property
    def arguments(self) -> dict[str, Any]:
        arguments: dict[str, Any] = {"x-queue-type": "quorum"}
        if self.dead_letter_exchange:
            arguments["x-dead-letter-exchange"] = self.dead_letter_exchange
        if self.one_at_a_time:
            arguments["x-single-active-consumer"] = True
        return arguments


@dataclass(frozen=True, slots=True)
class Binding:
    exchange: str
    queue: str
    routing_key: str


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits for every queue whose name matches ``pattern``; of those whose keys the queue's type knows, the
    one with the highest priority alone applies.
    """

    name: str
    pattern: str
    definition: dict[str, Any]
    priority: int = 1


class Role(StrEnum):
    """What a broker user is for; it decides what the user may touch."""

    FRONT = "front"
    WORKER = "worker"
    VLM_WORKER = "vlm-worker"
    EXPORT_WORKER = "export-worker"
    CHAT_WORKER = "chat-worker"
    OPERATOR = "operator"
    # Sees how everything stands, and touches nothing.
    MONITOR = "monitor"


@dataclass(frozen=True, slots=True)
class User:
    name: str
    password: str = field(repr=False)
    role: Role


def page_queue(tier: Tier, lane: Lane) -> str:
    """The queue, and routing key on ``ocr.tasks``, of a tier's page tasks in one lane."""
    base = f"ocr.{tier}.pages"
    return base if lane is Lane.BULK else f"{base}.{lane}"


def page_queues(tier: Tier) -> tuple[str, ...]:
    """A tier's page queues, the most urgent first."""
    return tuple(page_queue(tier, lane) for lane in (Lane.EXPRESS, Lane.PRIORITY, Lane.BULK))


def retry_exchange(delay_s: int) -> str:
    """The exchange (and queue) in which a task waits ``delay_s`` before it returns to its own queue."""
    return f"ocr.retry.{delay_s}s"


EXPORT_QUEUE = "ocr.export.documents"
CHAT_QUEUE = "ocr.chat.questions"

PAGE_QUEUES = tuple(queue for tier in Tier for queue in page_queues(tier))
TASK_QUEUES = (*PAGE_QUEUES, EXPORT_QUEUE, CHAT_QUEUE)
DEAD_QUEUES = tuple(f"{name}.dead" for name in TASK_QUEUES)
RETRY_QUEUES = tuple(retry_exchange(delay_s) for delay_s in RETRY_DELAYS_S)

EXCHANGES = (
    Exchange(TASKS, "direct"),
    Exchange(RESULTS, "topic"),
    Exchange(DEAD, "topic"),
    # A topic exchange for its permissions alone: only by them is a partner kept from another's key.
    Exchange(SUBMIT, "topic"),
    *(Exchange(name, "fanout") for name in RETRY_QUEUES),
)

QUEUES = (
    *(Queue(name, dead_letter_exchange=DEAD) for name in TASK_QUEUES),
    *(Queue(name) for name in DEAD_QUEUES),
    *(Queue(name, dead_letter_exchange=TASKS) for name in RETRY_QUEUES),
    Queue(TRACKING),
)

BINDINGS = (
    *(Binding(TASKS, name, name) for name in TASK_QUEUES),
    # A dead task is kept for the operator, and settles its page, export or question.
    *(Binding(DEAD, f"{name}.dead", name) for name in TASK_QUEUES),
    *(Binding(DEAD, TRACKING, name) for name in TASK_QUEUES),
    *(Binding(name, name, "") for name in RETRY_QUEUES),
    *(Binding(RESULTS, TRACKING, key) for key in ("page.*", "document.*", "export.*", "question.*")),
)

# Dead-lettering is at least once, which needs reject-publish on the queue that gives letters away.
_SAFE_DEAD_LETTERS = {"dead-letter-strategy": "at-least-once", "overflow": "reject-publish"}

POLICIES = (
    Policy(
        "tasks",
        r"^ocr\.((cpu|vlm)\.pages(\.express|\.priority)?|export\.documents|chat\.questions)$",
        {"delivery-limit": TASK_DELIVERY_LIMIT, "max-length": 500_000, **_SAFE_DEAD_LETTERS},
    ),
    *(
        Policy(
            f"retry-{delay_s}s",
            rf"^ocr\.retry\.{delay_s}s$",
            {"message-ttl": delay_s * 1000, "max-length": 500_000, **_SAFE_DEAD_LETTERS},
        )
        for delay_s in RETRY_DELAYS_S
    ),
    Policy(
        "dead",
        r"^ocr\.(?!intake\.).*\.dead$",
        {
            "message-ttl": DEAD_LETTER_DAYS * _DAY_MS,
            "max-length": 100_000,
            # Each look at a letter is a delivery; without a limit of ours, RabbitMQ 4 drops it after 20.
            "delivery-limit": NO_DELIVERY_LIMIT,
        },
    ),
    Policy("tracking", r"^ocr\.tracking$", {"delivery-limit": NO_DELIVERY_LIMIT}),
    # What is too much is refused: a partner's publishes are not confirmed until there is room again.
    Policy(
        "intake",
        r"^ocr\.intake\.",
        {
            "delivery-limit": NO_DELIVERY_LIMIT,
            "max-length": 10_000,
            "max-length-bytes": 4 * 1024**3,
            "overflow": "reject-publish",
        },
    ),
    # What partners do not read, and queues of theirs that nobody uses, go by themselves.
    Policy(
        "partner",
        r"^partner\.",
        {
            "max-length": 100_000,
            "max-length-bytes": 1024**3,
            "message-ttl": PARTNER_KEEPS_DAYS * _DAY_MS,
            "expires": PARTNER_KEEPS_DAYS * _DAY_MS,
        },
    ),
    # Applies to streams alone, which know none of the others' limits: a policy whose keys a queue does not
    # all know is passed over for the next.
    Policy(
        "partner-streams",
        r"^partner\.",
        {
            "max-length-bytes": 1024**3,
            "max-age": f"{PARTNER_KEEPS_DAYS}D",
            "stream-max-segment-size-bytes": 50_000_000,
        },
        priority=0,
    ),
    Policy("feeds", r"^front\.feed\.", {"max-length": 10_000, "message-ttl": 60_000}),
)

TOPIC_EXCHANGES = tuple(exchange.name for exchange in EXCHANGES if exchange.kind == "topic")

# user role: (configure, write, read), then (write, read) by topic on ocr.results
_PERMISSIONS = {
    # Answers go straight into a queue of the partner's, for which the default exchange is there.
    Role.FRONT: (r"^(ocr|front)\.", r"^((ocr|front)\.|amq\.default$)", r"^(ocr|front)\."),
    Role.WORKER: (r"^$", r"^ocr\.(results|retry\..*)$", r"^ocr\.cpu\.pages(\.express|\.priority)?$"),
    Role.VLM_WORKER: (r"^$", r"^ocr\.(results|retry\..*)$", r"^ocr\.vlm\.pages(\.express|\.priority)?$"),
    Role.EXPORT_WORKER: (r"^$", r"^ocr\.(results|retry\..*)$", r"^ocr\.export\.documents$"),
    Role.CHAT_WORKER: (r"^$", r"^ocr\.(results|retry\..*)$", r"^ocr\.chat\.questions$"),
    Role.OPERATOR: (r".*", r".*", r".*"),
    Role.MONITOR: (r"^$", r"^$", r"^$"),
}
# What a user may see in the management plugin; without one, nothing.
_TAGS = {Role.OPERATOR: ["administrator"], Role.MONITOR: ["monitoring"]}
_TOPIC_PERMISSIONS = {
    Role.FRONT: (r"^(job|hint)\.", r".*"),
    Role.WORKER: (r"^page\.", r"^$"),
    Role.VLM_WORKER: (r"^page\.", r"^$"),
    Role.EXPORT_WORKER: (r"^(document|export)\.", r"^$"),
    Role.CHAT_WORKER: (r"^(question|answer)\.", r"^$"),
    Role.OPERATOR: (r".*", r".*"),
    Role.MONITOR: (r"^$", r"^$"),
}


def definitions(users: Sequence[User] = ()) -> dict[str, Any]:
    """The topology as a definitions document for ``rabbitmqctl import_definitions`` or for boot.

    Format: https://www.rabbitmq.com/docs/definitions
    """
    return {
        "vhosts": [{"name": VHOST}],
        "users": [_user(user) for user in users],
        "permissions": [_permission(user) for user in users],
        "topic_permissions": [_topic_permission(user, name) for user in users for name in TOPIC_EXCHANGES],
        "policies": [{"vhost": VHOST, "name": policy.name, **policy_document(policy)} for policy in POLICIES],
        "exchanges": [
            {
                "vhost": VHOST,
                "name": exchange.name,
                "type": exchange.kind,
                "durable": True,
                "auto_delete": False,
                "internal": False,
                "arguments": {},
            }
            for exchange in EXCHANGES
        ],
        "queues": [
            {
                "vhost": VHOST,
                "name": queue.name,
                "durable": True,
                "auto_delete": False,
                "arguments": queue.arguments,
            }
            for queue in QUEUES
        ],
        "bindings": list(_bindings(BINDINGS)),
    }


def policy_document(policy: Policy) -> dict[str, Any]:
    """The policy as the broker is told it under its name."""
    return {
        "pattern": policy.pattern,
        "apply-to": "queues",
        "priority": policy.priority,
        "definition": policy.definition,
    }


def _bindings(bindings: Iterable[Binding]) -> Iterable[dict[str, Any]]:
    for binding in bindings:
        yield {
            "vhost": VHOST,
            "source": binding.exchange,
            "destination": binding.queue,
            "destination_type": "queue",
            "routing_key": binding.routing_key,
            "arguments": {},
        }


def _user(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "password_hash": _password_hash(user.password),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": _TAGS.get(user.role, []),
        "limits": {},
    }


def _password_hash(password: str) -> str:
    """Salted SHA-256 as in https://www.rabbitmq.com/docs/passwords#computing-password-hash."""
    salt = os.urandom(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _permission(user: User) -> dict[str, Any]:
    configure, write, read = _PERMISSIONS[user.role]
    return {"user": user.name, "vhost": VHOST, "configure": configure, "write": write, "read": read}


def _topic_permission(user: User, exchange: str) -> dict[str, Any]:
    """On exchanges that only the broker and partners publish to, nothing but for those who may do all."""
    write, read = _TOPIC_PERMISSIONS[user.role]
    if exchange != RESULTS and user.role is not Role.OPERATOR:
        write, read = (r"^$", r".*") if user.role is Role.FRONT else (r"^$", r"^$")
    return {"user": user.name, "vhost": VHOST, "exchange": exchange, "write": write, "read": read}
