"""Repositories and a blob store in memory: they pass the same contract suite as the real ones."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from common.contracts.tasks import Tier
from common.domain.account import Account, Token
from common.domain.books import Books, Reservation, Row
from common.domain.claim import Claim
from common.domain.conversation import Conversation, Turn
from common.domain.credits import Charge, Kind, Settlement, Statement
from common.domain.export import Export
from common.domain.job import Job
from common.domain.job_parts import JobStatus
from common.domain.plans import ANONYMOUS, Plan
from common.domain.usage import Usage
from common.errors import SourceMissing
from common.ports import OpenJobs, PageBody, Place
from front.services.held_blobs import HeldBlobs


class FakeJobRepository:
    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}

    async def add(self, job: Job) -> None:
        await asyncio.sleep(0)  # as anything that goes over a wire, it lets others in between
        self.jobs.setdefault(job.id, job)

    async def get(self, job_id: str) -> Job | None:
        await asyncio.sleep(0)  # as anything that goes over a wire, it lets others in between
        return self.jobs.get(job_id)

    async def save(self, job: Job) -> Job | None:
        await asyncio.sleep(0)  # as anything that goes over a wire, it lets others in between
        stored = self.jobs.get(job.id)
        if stored is None or stored.version != job.version:
            return None
        self.jobs[job.id] = replace(job, version=job.version + 1)
        return self.jobs[job.id]

    async def count_requests(self, account_id: str, tier: Tier) -> tuple[int, int]:
        under_way = [
            job.is_long
            for job in self.jobs.values()
            if job.account_id == account_id and job.is_request_under_way and job.request.tier is tier
        ]
        return len(under_way) - sum(under_way), sum(under_way)

    async def count_active(self, tier: Tier) -> int:
        active = (job for job in self.jobs.values() if not job.status.is_terminal)
        return sum(job.request.tier is tier for job in active)

    async def open(self) -> Mapping[JobStatus, OpenJobs]:
        found = [job for job in self.jobs.values() if job.status in (JobStatus.PENDING, JobStatus.PROCESSING)]
        by_status = {job.status: [one for one in found if one.status is job.status] for job in found}
        return {
            status: OpenJobs(len(jobs), min(job.created_at for job in jobs))
            for status, jobs in by_status.items()
        }

    async def of_account(
        self, account_id: str, limit: int, *, before: Place | None, now: datetime
    ) -> Sequence[Job]:
        places = {
            Place(job.created_at, job.id): job
            for job in self.jobs.values()
            if job.account_id == account_id and job.status.is_shown
        }
        earlier = (place for place in places if before is None or place < before)
        return [places[place] for place in sorted(earlier, reverse=True)[:limit]]

    async def remove(self, job: Job) -> None:
        stored = self.jobs.get(job.id)
        if stored is not None and stored.version == job.version:
            del self.jobs[job.id]

    async def expired(self, now: datetime) -> Sequence[str]:
        return [
            job.id
            for job in self.jobs.values()
            if job.is_at_rest and job.expires_at and job.expires_at <= now
        ]

    async def restless(self) -> Mapping[str, int]:
        return {job.id: job.version for job in self.jobs.values() if not job.is_at_rest}


class FakePageRepository:
    def __init__(self) -> None:
        self.bodies: dict[tuple[str, int], PageBody] = {}

    async def add_many(self, bodies: Sequence[PageBody], *, expires_at: datetime) -> None:
        for body in bodies:
            self.bodies.setdefault((body.job_id, body.index), body)

    async def read(self, job_id: str, indexes: Sequence[int]) -> Sequence[PageBody]:
        found = (self.bodies.get((job_id, index)) for index in sorted(indexes))
        return [body for body in found if body]

    async def discard(self, job_id: str, page_count: int) -> None:
        for index in range(page_count):
            self.bodies.pop((job_id, index), None)


class FakeExportRepository:
    def __init__(self) -> None:
        self.exports: dict[tuple[str, str], Export] = {}

    async def add(self, export: Export) -> bool:
        await asyncio.sleep(0)
        return self.exports.setdefault((export.job_id, export.name), export) is export

    async def get(self, job_id: str, name: str) -> Export | None:
        await asyncio.sleep(0)
        return self.exports.get((job_id, name))

    async def save(self, export: Export) -> Export | None:
        await asyncio.sleep(0)
        stored = self.exports.get((export.job_id, export.name))
        if stored is None or stored.version != export.version:
            return None
        saved = replace(export, version=export.version + 1)
        self.exports[export.job_id, export.name] = saved
        return saved

    async def discard(self, job_id: str) -> None:
        for key in [key for key in self.exports if key[0] == job_id]:
            del self.exports[key]

    async def unsettled(self) -> Sequence[Export]:
        return [export for export in self.exports.values() if not export.status.is_settled]


class FakeConversationRepository:
    def __init__(self) -> None:
        self.conversations: dict[str, Conversation] = {}

    async def add(self, conversation: Conversation) -> bool:
        await asyncio.sleep(0)
        return self.conversations.setdefault(conversation.id, conversation) is conversation

    async def get(self, conversation_id: str) -> Conversation | None:
        await asyncio.sleep(0)
        return self.conversations.get(conversation_id)

    async def save(self, conversation: Conversation) -> Conversation | None:
        await asyncio.sleep(0)
        stored = self.conversations.get(conversation.id)
        if stored is None or stored.version != conversation.version:
            return None
        saved = replace(conversation, version=conversation.version + 1)
        self.conversations[conversation.id] = saved
        return saved

    async def turn(self, conversation_id: str, question_id: str) -> Turn | None:
        found = await self.get(conversation_id)
        return found.turn(question_id) if found else None

    async def count_restless(self, account_id: str) -> int:
        await asyncio.sleep(0)
        mine = (one for one in self.conversations.values() if one.account_id == account_id)
        return sum(not one.is_at_rest for one in mine)

    async def of_job(self, job_id: str) -> Sequence[str]:
        await asyncio.sleep(0)
        found = [one for one in self.conversations.values() if one.job_id == job_id]
        return [one.id for one in sorted(found, key=lambda one: (one.created_at, one.id))]

    async def remove(self, conversation: Conversation) -> bool:
        await asyncio.sleep(0)
        stored = self.conversations.get(conversation.id)
        if stored is None or stored.version != conversation.version:
            return False
        del self.conversations[conversation.id]
        return True

    async def restless(self) -> Mapping[str, int]:
        await asyncio.sleep(0)
        return {one.id: one.version for one in self.conversations.values() if not one.is_at_rest}


class FakeAccountRepository:
    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.tokens: dict[str, Token] = {}
        self.expiries: dict[str, datetime] = {}
        self.secret: str | None = None

    async def add(self, account: Account) -> bool:
        return self.accounts.setdefault(account.id, account) is account

    async def lodge(self, account: Account, until: datetime) -> None:
        self.accounts.setdefault(account.id, account)
        self.expiries[account.id] = until

    async def forget_visitors(self, now: datetime) -> int:
        """Knows nothing of books."""
        over = [id for id, until in self.expiries.items() if until < now]
        gone = [
            id for id in over if not self.accounts[id].suspended and self.accounts[id].plan.name == ANONYMOUS
        ]
        for id in gone:
            del self.accounts[id], self.expiries[id]
        return len(gone)

    async def get(self, account_id: str) -> Account | None:
        return self.accounts.get(account_id)

    async def list(self) -> Sequence[Account]:
        return sorted(self.accounts.values(), key=lambda account: account.id)

    async def suspend(self, account_id: str, *, suspended: bool) -> None:
        if account_id in self.accounts:
            self.accounts[account_id] = replace(self.accounts[account_id], suspended=suspended)

    async def partners(self) -> Sequence[Account]:
        return [account for account in await self.list() if account.partner_since]

    async def set_partner(self, account_id: str, since: datetime | None) -> None:
        if account_id in self.accounts:
            self.accounts[account_id] = replace(self.accounts[account_id], partner_since=since)

    async def change_plan(self, account_id: str, plan: Plan) -> None:
        if account_id in self.accounts:
            self.accounts[account_id] = replace(self.accounts[account_id], plan=plan)

    async def shared_secret(self, proposed: str) -> str:
        self.secret = self.secret or proposed
        return self.secret

    async def add_token(self, token: Token) -> None:
        self.tokens[token.digest] = token

    async def token(self, digest: str) -> Token | None:
        return self.tokens.get(digest)

    async def list_tokens(self, account_id: str) -> Sequence[Token]:
        await asyncio.sleep(0)
        own = (token for token in self.tokens.values() if token.account_id == account_id)
        return sorted(own, key=lambda token: token.created_at)

    async def valid_tokens(self, account_id: str) -> Sequence[Token]:
        return [token for token in await self.list_tokens(account_id) if token.is_valid]

    async def revoke_token(self, digest: str, now: datetime) -> bool:
        await asyncio.sleep(0)
        token = self.tokens.get(digest)
        if token is None or not token.is_valid:
            return False
        self.tokens[digest] = replace(token, revoked_at=now)
        return True

    async def restore_token(self, digest: str, revoked_at: datetime) -> None:
        token = self.tokens.get(digest)
        if token is not None and token.revoked_at == revoked_at:
            self.tokens[digest] = replace(token, revoked_at=None)

    async def remove_token(self, digest: str) -> None:
        self.tokens.pop(digest, None)

    async def forget_revoked(self, before: datetime) -> int:
        old = [one for one, token in self.tokens.items() if token.revoked_at and token.revoked_at < before]
        for one in old:
            del self.tokens[one]
        return len(old)

    async def note_use(self, token: Token, now: datetime) -> None:
        stored = self.tokens.get(token.digest)
        if stored is not None and stored.last_used_at == token.last_used_at:
            self.tokens[token.digest] = replace(stored, last_used_at=now)


class FakeClaimStore:
    def __init__(self) -> None:
        self.claims: dict[tuple[str, str], Claim] = {}

    async def get(self, account_id: str, key: str) -> Claim | None:
        await asyncio.sleep(0)
        return self.claims.get((account_id, key))

    async def add(self, claim: Claim) -> bool:
        await asyncio.sleep(0)
        return self.claims.setdefault((claim.account_id, claim.key), claim) is claim

    async def save(self, claim: Claim, before: Claim) -> bool:
        await asyncio.sleep(0)
        stored = self.claims.get((before.account_id, before.key))
        if stored is None or (stored.owner, stored.job_id) != (before.owner, before.job_id):
            return False
        self.claims[before.account_id, before.key] = claim
        return True

    async def renew(self, claim: Claim, held_until: datetime) -> bool:
        await asyncio.sleep(0)
        stored = self.claims.get((claim.account_id, claim.key))
        if stored is None or stored.owner != claim.owner:
            return False
        self.claims[claim.account_id, claim.key] = replace(stored, held_until=held_until)
        return True

    async def remove(self, claim: Claim) -> None:
        stored = self.claims.get((claim.account_id, claim.key))
        if stored is not None and stored.owner == claim.owner:
            del self.claims[claim.account_id, claim.key]

    async def forget(self, job_id: str) -> None:
        for key in [key for key, claim in self.claims.items() if claim.job_id == job_id]:
            del self.claims[key]


class FakeBlobStore:
    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}

    async def write(self, key: str, chunks: AsyncIterable[bytes], *, expires_at: datetime) -> int:
        blob = b"".join([chunk async for chunk in chunks])
        self.blobs[key] = blob
        return len(blob)

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        if key not in self.blobs:
            raise SourceMissing()
        wanted = self.blobs[key][start:end]
        for at in range(0, len(wanted), 1024):
            yield wanted[at : at + 1024]

    async def present(self, keys: Sequence[str]) -> Collection[str]:
        return self.blobs.keys() & set(keys)

    async def delete(self, key: str) -> None:
        self.blobs.pop(key, None)

    async def delete_under(self, prefix: str, *, keep: str | None = None) -> None:
        for key in [key for key in self.blobs if key.startswith(prefix) and key != keep]:
            del self.blobs[key]

    async def delete_all(self, job_id: str) -> None:
        for key in [key for key in self.blobs if key.startswith(f"{job_id}/")]:
            del self.blobs[key]


class FakeUsageStore:
    """Tells what was ``charged``."""

    def __init__(self) -> None:
        self.charged: list[Usage] = []

    async def by_day(self, account_id: str, since: datetime, until: datetime) -> Sequence[Usage]:
        days = range(since.toordinal(), until.toordinal())
        return [one for one in self.charged if one.account_id == account_id and one.day.toordinal() in days]


class FakeSignUpStore:
    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    async def count(self, key: str, limit: int, *, expires_at: datetime) -> bool:
        if self.counts.get(key, 0) >= limit:
            return False
        self.counts[key] = self.counts.get(key, 0) + 1
        return True


class FakeCopies:
    """A cache of ``blobs`` in a folder; ``forgotten`` are the jobs whose copies were to go."""

    def __init__(self, blobs: FakeBlobStore, folder: Path | None = None) -> None:
        self.blobs = blobs
        self.folder = folder
        self.forgotten: list[str] = []

    @asynccontextmanager
    async def use(self, key: str) -> AsyncIterator[Path]:
        assert self.folder is not None, "only small blobs are read here"
        path = self.folder / key.replace("/", "_")
        path.write_bytes(b"".join([chunk async for chunk in self.blobs.read(key)]))
        yield path
        path.unlink()

    async def forget(self, job_id: str) -> None:
        self.forgotten.append(job_id)


def held(blobs: FakeBlobStore) -> HeldBlobs:
    """For blobs that are small."""
    return HeldBlobs(blobs, FakeCopies(blobs))


class FakeCreditStore:
    """Keeps the books in memory; what is settled, reserved and left may be looked at."""

    def __init__(self) -> None:
        self.balances: dict[str, int] = {}
        self.used: dict[tuple[str, str], int] = {}
        self.reservations: dict[str, tuple[str, Reservation]] = {}
        self.settlements: dict[str, Settlement] = {}
        self._changes = Counter[str]()
        self._rows: dict[str, Row] = {}

    async def reserve(
        self, account: Account, id: str, credits: int, now: datetime, *, is_job: bool = False
    ) -> None:
        if not (credits or is_job) or id in self.reservations:
            return
        stands = await self.statement(account, now)
        if is_job:
            account.plan.check_active_jobs(stands.jobs)
        if stands.left < credits:
            raise stands.refusal(credits)
        allowance = account.plan.allowance
        reservation = Reservation(credits, allowance.period.key(now) if allowance else None, now, is_job)
        self.reservations[id] = (account.id, reservation)
        self._take(account.id, reservation.period, credits)

    async def settle(self, settlement: Settlement) -> None:
        self.settlements.setdefault(settlement.id, settlement)
        account_id, reservation = self.reservations.get(settlement.id, (settlement.account_id, None))
        rows = [self._charge(settlement, charge, reservation) for charge in settlement.charges]
        if reservation is not None:
            del self.reservations[settlement.id]
            charged = -sum(row.credits for row in rows)
            self._take(account_id, reservation.period, charged - reservation.credits)

    async def top_up(self, account_id: str, credits: int, reference: str, now: datetime) -> bool:
        if (key := f"{account_id}/{reference}") in self._rows:
            return False
        number = self._bought(account_id)[0] + 1
        self._rows[key] = Row(account_id, reference, Kind.TOP_UP, credits, None, number, (), now)
        self._take(account_id, None, -credits)
        return True

    async def statement(self, account: Account, now: datetime) -> Statement:
        allowance = account.plan.allowance
        if allowance is None:
            balance, (_, bought) = self.balances.get(account.id, 0), self._bought(account.id)
            return Statement(used=bought - balance, cap=bought, balance=balance, jobs=self._jobs(account.id))
        return Statement(
            used=self.used.get((account.id, allowance.period.key(now)), 0),
            cap=allowance.credits,
            resets_at=allowance.period.ends_at(now),
            jobs=self._jobs(account.id),
        )

    async def open_since(self, before: datetime) -> AsyncIterator[tuple[str, str, datetime]]:
        for id, (account_id, reservation) in list(self.reservations.items()):
            if reservation.at < before:
                yield account_id, id, reservation.at

    async def books(self) -> AsyncIterator[Books]:
        for account_id in {*self.balances, *(account_id for account_id, _ in self.used)}:
            top_ups, bought = self._bought(account_id)
            yield Books(
                account_id,
                balance=self.balances.get(account_id, 0),
                bought=bought,
                top_ups=top_ups,
                changes=self._changes[account_id],
                jobs=self._jobs(account_id),
                used={period: used for (owner, period), used in self.used.items() if owner == account_id},
                reservations={
                    id: one for id, (owner, one) in self.reservations.items() if owner == account_id
                },
            )

    async def rows(self, account_id: str) -> AsyncIterator[Row]:
        for row in list(self._rows.values()):
            if row.account_id == account_id:
                yield row

    def _take(self, account_id: str, period: str | None, credits: int) -> None:
        self._changes[account_id] += 1
        if period is None:
            self.balances[account_id] = self.balances.get(account_id, 0) - credits
        else:
            self.used[account_id, period] = self.used.get((account_id, period), 0) + credits

    def _charge(self, settlement: Settlement, charge: Charge, reservation: Reservation | None) -> Row:
        row = Row(
            settlement.account_id,
            settlement.id,
            charge.kind,
            -charge.credits if reservation else 0,
            reservation.period if reservation else None,
            self._changes[settlement.account_id],
            charge.pages,
            settlement.at,
        )
        return self._rows.setdefault(f"{settlement.id}:{charge.kind}", row)

    def _jobs(self, account_id: str) -> int:
        return sum(owner == account_id and one.is_job for owner, one in self.reservations.values())

    def _bought(self, account_id: str) -> tuple[int, int]:
        """How many purchases there were, and of how many credits."""
        top_ups = [
            row for row in self._rows.values() if row.account_id == account_id and row.kind is Kind.TOP_UP
        ]
        return len(top_ups), sum(row.credits for row in top_ups)
