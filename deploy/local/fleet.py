"""Our own processes: how many of each, and what each is told."""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil

from common.contracts.topology import Role
from common.runtime.ending import MARGIN_S
from common.runtime.model_settings import ACCESS
from deploy.local.ports import HOST, Ports, metrics_port
from deploy.local.program import Program
from deploy.local.state import StateFolder
from deploy.local.systems import Systems
from front.settings import FrontSettings
from workers.chat.settings import ChatSettings
from workers.export.settings import ExportSettings
from workers.ocr_cpu.settings import OcrCpuSettings
from workers.ocr_vlm.settings import OcrVlmSettings

# After it a process of ours, which ends itself however stuck within its drain and a margin, is killed.
_STOP_RESERVE_S = 5
_FRONT = "front-"

_SETTINGS_OF = ("FRONT_", "OCR_CPU_", "OCR_VLM_", "OCR_EXPORT_", "OCR_CHAT_", "OTEL_")
# What only processes that ask a model are told: its key among it.
_MODEL_SETTINGS = ("ANTHROPIC_", "OCR_MODEL")
_SETTINGS_OF_ALL = (
    "OCR_PLANS_FILE",
    "JOBS_DATABASE",
    "BLOBS_DATABASE",
    "LOG_LEVEL",
    "CACHE_MAX_MB",
    "SPOOL_MAX_MB",
    "TESSDATA_PREFIX",
)


@dataclass(frozen=True, slots=True)
class Size:
    fronts: int = 1
    cpu_workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    vlm_workers: int = 1
    export_workers: int = 1
    chat_workers: int = 1


def fleet(
    size: Size, systems: Systems, folder: StateFolder, ports: Ports, settings: Mapping[str, str]
) -> Iterator[Program]:
    """The programs of the fleet; ``settings`` are environment variables for all of them.

    Without a model there are no workers that can do nothing without it.
    """
    asks_model = model_settings(settings)
    settings = without_model_settings(settings)
    has_model = any(asks_model.get(name) for name in ACCESS)
    common = {
        "MONGO_URL": systems.mongo_url,
        "CACHE_DIR": str(folder.folder("cache")),
        "PYTHONUNBUFFERED": "1",
        **settings,
    }
    for name in _numbered(_FRONT, size.fronts):
        yield _program(
            name,
            "front",
            {
                **common,
                "AMQP_URL": systems.amqp_url(Role.FRONT),
                "FRONT_ADDRESS": HOST,
                "FRONT_PORT": str(ports[name]),
                "SPOOL_DIR": str(folder.folder("spool")),
                "FRONT_MODEL_CONFIGURED": str(has_model).lower(),
            },
            ports,
            drain_s=_drain_s(FrontSettings, settings),
            listens=(name,),
        )
    for name in _numbered("ocr_cpu-", size.cpu_workers):
        yield _program(
            name,
            "workers.ocr_cpu",
            {
                **common,
                "AMQP_URL": systems.amqp_url(Role.WORKER),
                "OMP_THREAD_LIMIT": "1",
                "OPENBLAS_NUM_THREADS": "1",
            },
            ports,
            drain_s=_drain_s(OcrCpuSettings, settings),
        )
    for name in _numbered("ocr_vlm-", size.vlm_workers if has_model else 0):
        yield _program(
            name,
            "workers.ocr_vlm",
            {
                **common,
                **asks_model,
                "AMQP_URL": systems.amqp_url(Role.VLM_WORKER),
                "OMP_THREAD_LIMIT": "1",
                "OPENBLAS_NUM_THREADS": "1",
            },
            ports,
            drain_s=_drain_s(OcrVlmSettings, settings),
        )
    for name in _numbered("export-", size.export_workers):
        yield _program(
            name,
            "workers.export",
            {
                **common,
                "AMQP_URL": systems.amqp_url(Role.EXPORT_WORKER),
                "OMP_THREAD_LIMIT": "1",
                "OPENBLAS_NUM_THREADS": "1",
            },
            ports,
            drain_s=_drain_s(ExportSettings, settings),
        )
    for name in _numbered("chat-", size.chat_workers):
        yield _program(
            name,
            "workers.chat",
            {
                **common,
                **asks_model,
                "AMQP_URL": systems.amqp_url(Role.CHAT_WORKER),
                "OPENBLAS_NUM_THREADS": "1",
            },
            ports,
            drain_s=_drain_s(ChatSettings, settings),
        )


def fleet_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """What ``environment`` sets for our own processes.

    It is written into their programs, not inherited by way of the supervisor, which keeps what it was
    started with: so it is seen when one has changed.
    """
    return {name: value for name, value in environment.items() if _is_setting(name)}


def without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not _is_setting(name)}


def model_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """What ``environment`` sets of the model that is asked."""
    return {name: value for name, value in environment.items() if name.startswith(_MODEL_SETTINGS)}


def without_model_settings(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith(_MODEL_SETTINGS)}


def _is_setting(name: str) -> bool:
    return name.startswith((*_SETTINGS_OF, *_MODEL_SETTINGS)) or name in _SETTINGS_OF_ALL


def is_front(program: str) -> bool:
    return program.startswith(_FRONT)


def _numbered(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number}" for number in range(1, count + 1)]


def _drain_s(
    kind: type[FrontSettings]
    | type[OcrCpuSettings]
    | type[OcrVlmSettings]
    | type[ExportSettings]
    | type[ChatSettings],
    settings: Mapping[str, str],
) -> float:
    """As the process itself will read it; raises ValidationError for settings that it would not take."""
    return kind.model_validate({name: value for name, value in settings.items() if value}).drain_s


def _program(
    name: str,
    module: str,
    environment: Mapping[str, str],
    ports: Ports,
    *,
    drain_s: float,
    listens: tuple[str, ...] = (),
) -> Program:
    metrics = metrics_port(name)
    return Program(
        name=name,
        command=(sys.executable, "-m", module),
        environment={**environment, "METRICS_ADDRESS": HOST, "METRICS_PORT": str(ports[metrics])},
        rank=20,
        stop_wait_s=ceil(drain_s + MARGIN_S) + _STOP_RESERVE_S,
        ports=(*listens, metrics),
    )
