"""The processes of a production stack: what each may do at the broker and in the database."""

from dataclasses import dataclass
from typing import Final

from common.contracts.topology import Role

JOBS: Final = "ocr_jobs"
BLOBS: Final = "ocr_blobs"


@dataclass(frozen=True, slots=True)
class Process:
    """``grants``: the role, of MongoDB's own, that its user has in each database."""

    name: str
    role: Role
    grants: dict[str, str]
    asks_model: bool = False


PROCESSES: Final = (
    Process("front", Role.FRONT, {JOBS: "readWrite", BLOBS: "readWrite"}),
    Process("ocr_cpu", Role.WORKER, {BLOBS: "read"}),
    Process("ocr_vlm", Role.VLM_WORKER, {BLOBS: "read"}, asks_model=True),
    Process("export", Role.EXPORT_WORKER, {BLOBS: "readWrite"}),
    Process("chat", Role.CHAT_WORKER, {BLOBS: "read"}, asks_model=True),
)
