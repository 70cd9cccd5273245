"""Exports in MongoDB: one small document each, written by compare-and-set on its version."""

from collections.abc import Sequence
from dataclasses import asdict, replace

from pymongo.errors import DuplicateKeyError

from common.adapters.mongo_connection import Database, Document, store_errors
from common.contracts.tasks import ExportFormat
from common.domain.export import Artefact, Export, ExportRequest, ExportStatus, Failure

_UNSETTLED = [status.value for status in ExportStatus if not status.is_settled]


class MongoExportRepository:
    def __init__(self, database: Database) -> None:
        self._exports = database["exports"]

    async def prepare(self) -> None:
        """Make the indexes that are not there yet; the database itself is the last to clean up."""
        with store_errors():
            await self._exports.create_index([("job_id", 1)])
            await self._exports.create_index([("status", 1)])
            await self._exports.create_index([("expires_at", 1)], expireAfterSeconds=0)

    async def add(self, export: Export) -> bool:
        with store_errors():
            try:
                await self._exports.insert_one(_document(export))
            except DuplicateKeyError:
                return False
        return True

    async def get(self, job_id: str, name: str) -> Export | None:
        with store_errors():
            found = await self._exports.find_one({"_id": _id(job_id, name)})
        return _export(found) if found else None

    async def save(self, export: Export) -> Export | None:
        saved = replace(export, version=export.version + 1)
        changes = _document(saved)
        key = {"_id": changes.pop("_id"), "version": export.version}
        with store_errors():
            result = await self._exports.update_one(key, {"$set": changes})
        return saved if result.matched_count else None

    async def discard(self, job_id: str) -> None:
        with store_errors():
            await self._exports.delete_many({"job_id": job_id})

    async def unsettled(self) -> Sequence[Export]:
        with store_errors():
            found = await self._exports.find({"status": {"$in": _UNSETTLED}}).to_list(None)
        return [_export(one) for one in found]


def _id(job_id: str, name: str) -> str:
    return f"{job_id}:{name}"


def _document(export: Export) -> Document:
    return {
        "_id": _id(export.job_id, export.name),
        "version": export.version,
        "job_id": export.job_id,
        "request": {**asdict(export.request), "format": export.request.format.value},
        "ticket": export.ticket,
        "status": export.status.value,
        "artefact": asdict(export.artefact) if export.artefact else None,
        "failure": asdict(export.failure) if export.failure else None,
        "expires_at": export.expires_at,
    }


def _export(found: Document) -> Export:
    return Export(
        job_id=found["job_id"],
        version=found["version"],
        request=ExportRequest(**{**found["request"], "format": ExportFormat(found["request"]["format"])}),
        ticket=found["ticket"],
        status=ExportStatus(found["status"]),
        artefact=Artefact(**found["artefact"]) if found["artefact"] else None,
        failure=Failure(**found["failure"]) if found["failure"] else None,
        expires_at=found["expires_at"],
    )
