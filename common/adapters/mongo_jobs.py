"""Jobs in MongoDB: one document a job, written by compare-and-set on its version.

``listed`` is where a job that is shown stands among all of them, as one string that sorts: account,
milliseconds, id. Drafts and tombstones have none, so a listing never meets them.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from pymongo.errors import DuplicateKeyError

from common.adapters.mongo_connection import Database, Document, store_errors
from common.contracts.tasks import Death, Lane, MediaType, TextLayer, Tier
from common.document.model_usage import ModelUsage
from common.domain import job_parts
from common.domain.job import Job
from common.domain.job_parts import Correspondence, JobRequest, JobStatus, Owed, Source
from common.ports import OpenJobs, Place

_OPEN = [JobStatus.PENDING.value, JobStatus.PROCESSING.value]
_ACTIVE = [status.value for status in JobStatus if not status.is_terminal]

SWEPT_AT_ONCE = 500
# How far a listing looks back at first, and how often it looks further before it looks at everything.
_FIRST_LOOK = timedelta(minutes=1)
_LOOKS = 6
_FURTHER = 4


class MongoJobRepository:
    def __init__(self, database: Database) -> None:
        self._jobs = database["jobs"]

    async def prepare(self) -> None:
        """Make the indexes that are not there yet."""
        with store_errors():
            await self._jobs.create_index([("status", 1)])
            await self._jobs.create_index([("is_at_rest", 1)])
            await self._jobs.create_index([("expires_at", 1)])
            await self._jobs.create_index([("listed", 1)])
            await self._jobs.create_index([("request_under_way", 1)])

    async def add(self, job: Job) -> None:
        with store_errors():
            try:
                await self._jobs.insert_one(_document(job))
            except DuplicateKeyError:
                return

    async def get(self, job_id: str) -> Job | None:
        with store_errors():
            found = await self._jobs.find_one({"_id": job_id})
        return _job(found) if found else None

    async def save(self, job: Job) -> Job | None:
        saved = replace(job, version=job.version + 1)
        changes = _document(saved)
        key = {"_id": changes.pop("_id"), "version": job.version}
        with store_errors():
            result = await self._jobs.update_one(key, {"$set": changes})
        return saved if result.matched_count else None

    async def count_requests(self, account_id: str, tier: Tier) -> tuple[int, int]:
        asked = {"request_under_way": account_id, "request.tier": tier.value}
        with store_errors():
            found = await self._jobs.find(asked, {"is_long": 1}).to_list(None)
        long = sum(one["is_long"] for one in found)
        return len(found) - long, long

    async def count_active(self, tier: Tier) -> int:
        with store_errors():
            return await self._jobs.count_documents({"status": {"$in": _ACTIVE}, "request.tier": tier.value})

    async def open(self) -> Mapping[JobStatus, OpenJobs]:
        found: dict[JobStatus, OpenJobs] = {}
        fields = {"status": 1, "created_at": 1}
        with store_errors():
            async for one in self._jobs.find({"status": {"$in": _OPEN}}, fields):
                status, made_at = JobStatus(one["status"]), one["created_at"]
                before = found.get(status, OpenJobs(0, made_at))
                found[status] = OpenJobs(before.jobs + 1, min(before.oldest, made_at))
        return found

    async def of_account(
        self, account_id: str, limit: int, *, before: Place | None, now: datetime
    ) -> Sequence[Job]:
        """Looks back step by step, since the embedded server reads every match before it sorts."""
        jobs: list[Job] = []
        upper = _listed(account_id, before) if before else f"{account_id}0"  # "0" comes after "/"
        for lower in _lower_bounds(account_id, min(before.created_at, now) if before else now):
            jobs += await self._listed_between(lower, upper, limit - len(jobs))
            upper = lower
            if len(jobs) >= limit:
                break
        return jobs

    async def _listed_between(self, lower: str, upper: str, limit: int) -> list[Job]:
        with store_errors():
            query = self._jobs.find({"listed": {"$gte": lower, "$lt": upper}})
            return [_job(found) for found in await query.sort("listed", -1).limit(limit).to_list(None)]

    async def remove(self, job: Job) -> None:
        with store_errors():
            await self._jobs.delete_one({"_id": job.id, "version": job.version})

    async def expired(self, now: datetime) -> Sequence[str]:
        with store_errors():
            found = await self._jobs.find(
                {"expires_at": {"$lte": now}, "is_at_rest": True}, {"_id": 1}
            ).to_list(SWEPT_AT_ONCE)
        return [one["_id"] for one in found]

    async def restless(self) -> Mapping[str, int]:
        with store_errors():
            found = await self._jobs.find({"is_at_rest": False}, {"version": 1}).to_list(None)
        return {one["_id"]: one["version"] for one in found}


def _document(job: Job) -> Document:
    return {
        "_id": job.id,
        "version": job.version,
        "account_id": job.account_id,
        "listed": _listed(job.account_id, Place(job.created_at, job.id)) if job.status.is_shown else None,
        "request_under_way": job.account_id if job.is_request_under_way else None,
        "is_long": job.is_long,
        "ticket": job.ticket,
        "status": job.status.value,
        "is_at_rest": job.is_at_rest,
        "source": {**asdict(job.source), "media_type": job.source.media_type.value},
        "request": {
            **asdict(job.request),
            "tier": job.request.tier.value,
            "models": list(job.request.models),
            "text_layer": job.request.text_layer.value,
        },
        "source_pages": _packed(job.source_pages),
        "lane": job.lane.value,
        "pages": job.pages,
        "settled": _packed(job.settled),
        "failures": {str(index): code for index, code in job.failures.items()},
        "owed": sorted(effect.value for effect in job.owed),
        "correspondence": asdict(job.correspondence) if job.correspondence else None,
        "untranslated": {str(index): code for index, code in job.untranslated.items()},
        "translated": _packed(job.translated),
        "deaths": {
            str(index): [death.model_dump() for death in deaths] for index, deaths in job.deaths.items()
        },
        "document": _without_tuples(asdict(job.document)) if job.document else None,
        "error": job.error,
        "created_at": job.created_at,
        "finished_at": job.finished_at,
        "expires_at": job.expires_at,
        "retention_s": job.retention.total_seconds(),
        "goes_once_fetched": job.goes_once_fetched,
        "credits_per_page": job.credits_per_page,
        "credits_per_translation": job.credits_per_translation,
    }


def _lower_bounds(account_id: str, start: datetime) -> Iterator[str]:
    """From just before ``start`` further and further back, and at last the account's very first job."""
    back = _FIRST_LOOK
    for _ in range(_LOOKS):
        yield f"{account_id}/{_milliseconds(start - back)}"
        back *= _FURTHER
    yield f"{account_id}/"


def _listed(account_id: str, place: Place) -> str:
    return f"{account_id}/{_milliseconds(place.created_at)}/{place.job_id}"


def _milliseconds(at: datetime) -> str:
    """As many digits for every moment, so that they sort."""
    return f"{round(at.timestamp() * 1000):015d}"


def _job(found: Document) -> Job:
    return Job(
        id=found["_id"],
        version=found["version"],
        account_id=found["account_id"],
        ticket=found["ticket"],
        status=JobStatus(found["status"]),
        source=_source(found["source"]),
        request=_request(found["request"]),
        source_pages=_unpacked(found["source_pages"]),
        lane=Lane(found["lane"]),
        pages=bytes(found["pages"]),
        settled=_unpacked(found["settled"]),
        failures={int(index): code for index, code in found["failures"].items()},
        untranslated={int(index): code for index, code in found.get("untranslated", {}).items()},
        translated=_unpacked(found.get("translated", b"")),
        deaths={
            int(index): tuple(Death.model_validate(death) for death in deaths)
            for index, deaths in found.get("deaths", {}).items()
        },
        owed=frozenset(Owed(effect) for effect in found["owed"]),
        correspondence=_correspondence(found.get("correspondence")),
        document=_finished_document(found["document"]),
        error=found["error"],
        created_at=found["created_at"],
        finished_at=found["finished_at"],
        expires_at=found["expires_at"],
        retention=timedelta(seconds=found["retention_s"]),
        goes_once_fetched=found.get("goes_once_fetched", False),
        credits_per_page=found["credits_per_page"],
        credits_per_translation=found.get("credits_per_translation", 0),
    )


def _correspondence(found: Document | None) -> Correspondence | None:
    return Correspondence(**found) if found else None


def _source(found: Document) -> Source:
    return Source(**{**found, "media_type": MediaType(found["media_type"])})


def _request(found: Document) -> JobRequest:
    return JobRequest(
        tier=Tier(found["tier"]),
        language=found["language"],
        models=tuple(found["models"]),
        tool=found["tool"],
        text_layer=TextLayer(found["text_layer"]),
        translate_to=found.get("translate_to"),
        extract=found.get("extract"),
    )


def _finished_document(found: Document | None) -> job_parts.Document | None:
    if found is None:
        return None
    return job_parts.Document(
        **{
            **found,
            "detected_languages": tuple(found["detected_languages"]),
            "transcript": job_parts.Transcript(**found["transcript"]),
            "translation": job_parts.Transcript(**found["translation"]) if found["translation"] else None,
            "usage": ModelUsage(**found["usage"]) if found["usage"] else None,
        }
    )


def _without_tuples(values: dict[str, Any]) -> Document:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}


def _packed(numbers: Sequence[int]) -> bytes:
    """Page numbers as little-endian 32-bit integers: 4 bytes each where BSON arrays take 11."""
    return struct.pack(f"<{len(numbers)}I", *numbers)


def _unpacked(packed: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(packed) // 4}I", packed)
