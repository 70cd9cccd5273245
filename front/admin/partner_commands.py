"""``partner add|remove|list|password``: who may send requests through the broker, and how to."""

from argparse import Namespace
from collections.abc import Iterator, Sequence

from common.contracts.partner_topology import LIMITS, intake_queue, own_prefix, partner_user
from common.contracts.topology import MAX_MESSAGE_BYTES, RESULTS, SUBMIT, VHOST
from front.admin.desk import Desk, PartnerDesk
from front.services.partners import Admission, Partner, Removal
from front.services.timestamps import now, to_the_second

_MIB = 1024 * 1024


async def add_partner(desk: Desk, given: Namespace) -> Sequence[str]:
    """What was done, and then how to connect; with the password, where a new one was made."""
    async with desk.partners() as at:
        admission = await at.partners.add(given.name, given.plan, now())
    return [*_done(admission), "", *_settings(given.name, admission.password, at)]


async def remove_partner(desk: Desk, given: Namespace) -> Sequence[str]:
    async with desk.partners() as at:
        removal = await at.partners.remove(given.name, now(), drop=given.drop)
    return list(_removed(given.name, removal))


async def list_partners(desk: Desk, given: Namespace) -> Sequence[str]:
    async with desk.partners() as at:
        return [_line(partner) for partner in await at.partners.list()]


async def new_password(desk: Desk, given: Namespace) -> Sequence[str]:
    async with desk.partners() as at:
        password = await at.partners.new_password(given.name)
    made = (
        f"The broker user '{partner_user(given.name)}' has a new password. What was connected with the old "
        "one is closed."
    )
    return [made, "", *_settings(given.name, password, at)]


def _done(admission: Admission) -> Iterator[str]:
    account = admission.account
    user, queue = partner_user(account.id), intake_queue(account.id).name
    yield f"The account '{account.id}' {_made(admission.is_new_account)}, on the plan '{account.plan.name}'."
    if account.suspended:
        yield f"The account '{account.id}' is suspended: its requests are refused."
    yield f"The queue '{queue}' {_made(admission.is_new_intake)}."
    if admission.password:
        yield f"The broker user '{user}' has a new password. Keep it: it is not shown again."
    else:
        yield f"The broker user '{user}' is there already, with the password that it had."
        yield f"For another one: partner password {account.id}"
    limits = " and ".join(f"{limit} {name.removeprefix('max-')}" for name, limit in LIMITS.items())
    yield f"It may do what partners may, with {limits} at most unless an operator has said otherwise."


def _made(is_new: bool) -> str:
    return "is made" if is_new else "is there already"


def _removed(name: str, removal: Removal) -> Iterator[str]:
    user, queue = partner_user(name), intake_queue(name).name
    if removal.had_user:
        yield f"The broker user '{user}' is removed, and its connections are closed."
    else:
        yield f"There is no broker user '{user}' any more."
    yield f"Of its own it had {_counted(removal.own, 'queue or exchange', 'queues and exchanges')}."
    if removal.requests:
        yield f"{_counted(removal.requests, 'request', 'requests')} in '{queue}' went unserved."
    yield f"The account '{name}' stays, without '{queue}'."


def _settings(name: str, password: str | None, at: PartnerDesk) -> Iterator[str]:
    """For the partner, who has nothing else of ours."""
    scheme, _, place = at.address.partition("://")
    site = at.site or "https://<this server>"
    user = partner_user(name)
    yield f"AMQP_URL={scheme}://{user}:{password or '<password>'}@{place}/{VHOST}"
    yield f"requests  to the exchange {SUBMIT}, routing key {name}, user_id {user}, with a message_id"
    yield f"          up to {MAX_MESSAGE_BYTES // _MIB} MiB; larger files go by REST first"
    yield f"events    to a queue of yours that is bound to {RESULTS} with job.{name}.#"
    yield f"names     of your queues and exchanges begin with {own_prefix(name)}"
    yield f"contract  {site}/docs/amqp/, with examples; REST {site}/docs/"


def _line(partner: Partner) -> str:
    account, intake = partner.account, partner.intake
    return "\t".join(
        (
            account.id,
            account.plan.name,
            "suspended" if account.suspended else "active",
            f"since {to_the_second(account.partner_since)}" if account.partner_since else "half-made",
            "has a user" if partner.has_user else "has no user",
            f"{_counted(intake.waiting, 'request', 'requests')} waiting" if intake else "no intake",
        )
    )


def _counted(count: int, one: str, more: str) -> str:
    return f"{count or 'no'} {one if count == 1 else more}"
