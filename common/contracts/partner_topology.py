"""What the broker has for each partner: a user, an intake queue, and names that are the partner's alone.

An account's name is a part of all of them; it holds nothing that means something in a pattern but the
hyphen, which means nothing there outside of brackets.
"""

from dataclasses import dataclass

from common.contracts.topology import DEAD, RESULTS, SUBMIT, Binding, Queue

USER_PREFIX = "partner."
# Its intake would be called like a queue of dead letters.
RESERVED = frozenset({"dead"})

# Of a broker user: what a partner needs many times over, and far from what harms a broker.
LIMITS = {"max-connections": 50, "max-channels": 500}

EVENTS = ("accepted", "rejected", "page", "done", "failed", "canceled")


@dataclass(frozen=True, slots=True)
class Permission:
    """Patterns of what a user may declare, write to and read from, by the name of the thing."""

    configure: str
    write: str
    read: str


@dataclass(frozen=True, slots=True)
class TopicPermission:
    """Patterns of the routing keys that a user may publish to, and bind with, on a topic exchange."""

    exchange: str
    write: str
    read: str


def partner_user(account: str) -> str:
    """The broker user of a partner's account."""
    return f"{USER_PREFIX}{account}"


def account_of(user: str) -> str | None:
    """The account whose broker user that is; None where it is no partner's."""
    account = user.removeprefix(USER_PREFIX)
    return account if account and account != user else None


def own_prefix(account: str) -> str:
    """How everything is called that a partner may declare, and answers may be sent to."""
    return f"{USER_PREFIX}{account}."


def intake_queue(account: str) -> Queue:
    """Where a partner's requests wait. One front at a time takes them, in their order, and sees how many are
    under way already. No dead letters: those would be files that nobody has looked at, by the sender's
    ``expiration`` past every limit; whose request cannot be taken is told so.
    """
    return Queue(f"ocr.intake.{account}", one_at_a_time=True)


def intake_binding(account: str) -> Binding:
    return Binding(SUBMIT, intake_queue(account).name, account)


def permission(account: str) -> Permission:
    own = rf"partner\.{account}\..*"
    return Permission(configure=f"^{own}$", write=rf"^(ocr\.submit|{own})$", read=rf"^(ocr\.results|{own})$")


def topic_permissions(account: str) -> tuple[TopicPermission, ...]:
    """On every topic exchange there is: where none is defined, the broker allows everything."""
    words = "|".join(EVENTS)
    return (
        TopicPermission(SUBMIT, write=f"^{account}$", read="^$"),
        TopicPermission(RESULTS, write="^$", read=rf"^job\.{account}\.({words}|\*|#)$"),
        TopicPermission(DEAD, write="^$", read="^$"),
    )
