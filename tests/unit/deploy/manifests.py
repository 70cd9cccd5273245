"""The files of deploy/ and compose.yaml, and the settings that each process understands."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from common.runtime.model_settings import ModelSettings
from common.runtime.settings import SECRETS_DIR, ProcessSettings
from deploy.production.settings import DatabaseSettings
from front.admin.settings import AdminSettings
from front.settings import FrontSettings
from workers.chat.settings import ChatSettings
from workers.export.settings import ExportSettings
from workers.ocr_cpu.settings import OcrCpuSettings
from workers.ocr_vlm.settings import OcrVlmSettings

# Between the end that a process makes of itself at the latest and being killed.
RESERVE_S = 5

ROOT = Path(__file__).resolve().parents[3]
DOCKERFILE = (ROOT / "deploy/images/Dockerfile").read_text()

SETTINGS: dict[str, tuple[type[ProcessSettings], ...]] = {
    "front": (FrontSettings,),
    "ocr_cpu": (OcrCpuSettings,),
    "ocr_vlm": (OcrVlmSettings, ModelSettings),
    "export": (ExportSettings,),
    "chat": (ChatSettings, ModelSettings),
    "mongo-setup": (DatabaseSettings,),
    "admin": (AdminSettings,),
}


def variables(process: str) -> set[str]:
    """The environment variables that the process reads."""
    return {SECRETS_DIR}.union(*(names(kind) for kind in SETTINGS[process]))


def names(kind: type[ProcessSettings]) -> set[str]:
    return {str(field.validation_alias or name).upper() for name, field in kind.model_fields.items()}


def drain_s(process: str) -> float:
    default: float = SETTINGS[process][0].model_fields["drain_s"].default
    return default


def image_stage(target: str) -> str:
    """The lines of one stage of the Dockerfile."""
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)
    return next(stage for stage in stages if re.match(rf"\S+ AS {target}\n", stage))


@cache
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return loaded


@cache
def kubernetes() -> list[dict[str, Any]]:
    """Every resource of the folder."""
    files = [
        file for file in (ROOT / "deploy/kubernetes").glob("*.yaml") if file.name != "kustomization.yaml"
    ]
    return [one for file in sorted(files) for one in yaml.safe_load_all(file.read_text())]


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """Those of one kind, by name."""
    return {one["metadata"]["name"]: one for one in kubernetes() if one["kind"] == kind}
