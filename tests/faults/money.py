"""A rush of submissions while processes are killed, and what has become of the money afterwards."""

import random
import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cache
from typing import Any

import requests
from pymongo import MongoClient

from tests import files
from tests.client import JOBS, Client, Job, accepted
from tests.pages import blank_page
from tests.stack import Stack

LIMIT_S = 180
_THREADS = 8
_RETRY_S = 0.3
_LISTED_AT_ONCE = 100
# Somebody else is at it, too much is under way, or something is away: the same request may succeed later.
_TRY_AGAIN = (409, 429, 503)


class Kind(Enum):
    TEXT = auto()
    SCAN = auto()
    TORN = auto()
    CANCELED = auto()
    DELETED = auto()
    SENT_TWICE = auto()


@dataclass(frozen=True, slots=True)
class Order:
    """What one caller does; with a ``key`` again and again until it is answered."""

    token: str
    kind: Kind
    pages: int
    key: str | None


@dataclass
class Rush:
    """``refused`` counts answers of 402, ``unanswered`` requests that died with their front.

    Of orders with a key, ``answers`` holds the job's id or None for 402; several where it was sent twice.
    """

    refused: int = 0
    unanswered: int = 0
    uuids: set[str] = field(default_factory=set)
    answers: dict[str, set[str | None]] = field(default_factory=lambda: defaultdict(set))


@dataclass(frozen=True, slots=True)
class Count:
    """Jobs, but for ``charged`` and ``refunded``, which are credits; ``lost`` and ``double`` are either:
    jobs without a row in the ledger or an answer without its job, and credits that are gone for nothing;
    rows too many, and credits charged for nothing.
    """

    accepted: int
    refused: int
    unanswered: int
    charged: int
    refunded: int
    lost: int
    double: int


def orders(tokens: Sequence[str], number: int, chance: random.Random, keyed: float) -> list[Order]:
    """A share ``keyed`` of them has an idempotency key."""
    kinds = chance.choices(list(Kind), weights=(8, 4, 3, 3, 2, 2), k=number)
    return [
        Order(
            token=chance.choice(tokens),
            kind=kind,
            pages=chance.randint(1, 7),
            key=secrets.token_hex(8) if kind is Kind.SENT_TWICE or chance.random() < keyed else None,
        )
        for kind in kinds
    ]


def rush(stack: Stack, todo: Iterable[Order], meanwhile: Iterator[Callable[[], None]]) -> Rush:
    """Carry out the orders, several at once, and call what ``meanwhile`` yields until they are done."""
    found = Rush()
    with ThreadPoolExecutor(_THREADS) as pool:
        running: set[Future[None]] = set()
        for order in todo:
            for _ in range(2 if order.kind is Kind.SENT_TWICE else 1):
                running.add(pool.submit(_carry_out, stack, order, found))
        while running:
            done, running = wait(running, timeout=0)
            for one in done:
                one.result()
            next(meanwhile, _pause)()
    return found


def _pause() -> None:
    time.sleep(_RETRY_S)


def _carry_out(stack: Stack, order: Order, found: Rush) -> None:
    client = stack.client(order.token)
    answer = _submitted(client, order)
    if answer is None:
        found.unanswered += 1
        return
    if answer.status_code == 402:
        found.refused += 1
        uuid = None
    else:
        uuid = accepted(answer)["uuid"]
        found.uuids.add(uuid)
    if order.key:
        found.answers[order.key].add(uuid)
    if uuid and order.kind is Kind.CANCELED:
        _insist(lambda: client.cancel(uuid), {200, 409})  # 409: it has ended by itself
    if uuid and order.kind is Kind.DELETED:
        _insist(lambda: client.remove(uuid), {204, 404})  # 404: a try before this one did it


def _submitted(client: Client, order: Order) -> requests.Response | None:
    """The last answer; None where the connection broke and nothing says what became of the request."""
    deadline = time.monotonic() + LIMIT_S
    headers = {"Idempotency-Key": order.key} if order.key else {}
    while True:
        assert time.monotonic() < deadline, f"no answer to {order}"
        try:
            answer = client.post(
                JOBS,
                files={"file": ("file", _file(order))},
                data={"language": "en"},
                headers=headers,
            )
            if answer.status_code not in _TRY_AGAIN and not _died_in_a_child(answer):
                return answer
        except requests.RequestException:
            if not order.key:
                return None
        time.sleep(_RETRY_S)


def _died_in_a_child(answer: requests.Response) -> bool:
    """The file is said to be damaged: what looked at it was killed."""
    return answer.status_code == 400 and answer.json()["code"] == "corrupt_file"


def _insist(ask: Callable[[], requests.Response], wanted: set[int]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while True:
        try:
            code = ask().status_code
        except requests.RequestException:
            code = 503
        if code in wanted:
            return
        assert code in _TRY_AGAIN and time.monotonic() < deadline, code
        time.sleep(_RETRY_S)


def _file(order: Order) -> bytes:
    match order.kind:
        case Kind.TORN:
            return _torn()
        case Kind.SCAN | Kind.CANCELED:
            return _scan(order.pages)
        case _:
            return _text(order.pages)


@cache
def _torn() -> bytes:
    return files.torn_tiff([blank_page((200, 100))] * 3, torn=1)


@cache
def _scan(pages: int) -> bytes:
    return files.scanned_pdf([blank_page((40, 40))] * pages)


@cache
def _text(pages: int) -> bytes:
    return files.born_digital_pdf([[f"This is page number {page} of a letter"] for page in range(pages)])


def until_settled(stack: Stack, tokens: Iterable[str]) -> None:
    """Until every job of these accounts has ended and nothing is set aside for them any more."""
    deadline = time.monotonic() + LIMIT_S
    for token in tokens:
        name = account_name(stack, token)
        while under_way := [*_restless(stack, name), *books(stack, name).get("reservations", {})]:
            assert time.monotonic() < deadline, f"still under way or set aside for {name}: {under_way}"
            time.sleep(_RETRY_S)


def counted(stack: Stack, tokens: Iterable[str], found: Rush) -> Count:
    """Job by job and account by account: what callers were told, what the ledger says, what is left."""
    accepted_jobs, charged, refunded, lost, double = 0, 0, 0, 0, 0
    listed: set[str] = set()
    for token in tokens:
        client, name = stack.client(token), account_name(stack, token)
        rows = _rows(stack, name)
        jobs = {job["uuid"]: job for job in _jobs(client)}
        listed |= rows.keys()
        promised = {uuid for uuid, job in jobs.items() if job["error_code"] != "submission_abandoned"}
        accepted_jobs += len(promised | (rows.keys() & found.uuids))
        for uuid, job in jobs.items():
            lost += uuid not in rows
            usage = job["usage"]["credits"]
            refunded += job["page_count"] - usage
            excess = sum(row["pages"] for row in rows.get(uuid, ())) - usage
            double, lost = double + max(0, excess), lost + max(0, -excess)
        double += sum(len(found_rows) > 1 for found_rows in rows.values())
        spent = sum(row["credits"] for found_rows in rows.values() for row in found_rows)
        charged += spent
        missing = _gone(stack, name, client) - spent
        lost, double = lost + max(0, missing), double + max(0, -missing)
    lost += len(found.uuids - listed)
    double += sum(len({uuid for uuid in uuids if uuid}) > 1 for uuids in found.answers.values())
    return Count(accepted_jobs, found.refused, found.unanswered, charged, refunded, lost, double)


def account_name(stack: Stack, token: str) -> str:
    name: str = stack.client(token).account()["account"]
    return name


def books(stack: Stack, name: str) -> dict[str, Any]:
    with MongoClient[dict[str, Any]](stack.mongo_url) as mongo:
        account = mongo["ocr_jobs"]["accounts"].find_one({"_id": name}) or {}
    found: dict[str, Any] = account.get("books", {})
    return found


def _restless(stack: Stack, name: str) -> list[str]:
    with MongoClient[dict[str, Any]](stack.mongo_url) as mongo:
        found = mongo["ocr_jobs"]["jobs"].find({"is_at_rest": False, "account_id": name}, {"_id": 1})
        return [one["_id"] for one in found]


def _rows(stack: Stack, name: str) -> dict[str, list[dict[str, int]]]:
    """Of the ledger, by job: the credits that each charges, and for how many pages."""
    found = defaultdict(list)
    with MongoClient[dict[str, Any]](stack.mongo_url) as mongo:
        for row in mongo["ocr_jobs"]["ledger"].find({"account_id": name, "kind": "pages"}):
            pages = row["pages"]
            assert len(set(pages)) == len(pages) == -row["credits"], row
            found[row["id"]].append({"credits": -row["credits"], "pages": len(pages)})
    return found


def _gone(stack: Stack, name: str, client: Client) -> int:
    """Credits that the account does not have any more, of those it had."""
    stands = client.account()
    used: int = stands["used"]
    if stands["balance"] is not None:
        assert used == books(stack, name)["bought"] - stands["balance"]
    return used


def _jobs(client: Client) -> Iterator[Job]:
    cursor: dict[str, str] = {}
    while True:
        page = client.jobs(limit=_LISTED_AT_ONCE, **cursor).json()
        yield from page["jobs"]
        if not page["next_cursor"]:
            return
        cursor = {"cursor": page["next_cursor"]}
