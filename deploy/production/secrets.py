"""All that is secret in a production stack, as files: made at random once, and then kept."""

import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from common.contracts.topology import VHOST, Role, User, definitions
from deploy.production.processes import PROCESSES, Process

# Read by containers whose users differ; the folder around them is its owner's alone.
_FILE_MODE: Final = 0o444
_FOLDER_MODE: Final = 0o700
# MongoDB: 6 to 1024 characters of base64.
_KEYFILE_BYTES: Final = 378
NAMESPACE: Final = "ocr-fleet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """Where processes find them: ``host:port``, several of the database with commas between. KEDA looks from
    another namespace of the cluster.
    """

    broker: str = "rabbitmq:5672"
    management: str = "rabbitmq:15672"
    management_for_keda: str = f"rabbitmq.{NAMESPACE}.svc:15672"
    store: str = "mongo:27017"
    replica_set: str = "mongo"


class Secrets:
    """The folder ``root``, with one folder for each process and engine.

    Passwords that are there already stay; whatever is derived from them is written anew.
    """

    def __init__(self, root: Path, engines: Engines) -> None:
        self._root = root
        self._engines = engines

    def write(self) -> None:
        self._root.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        self._root.chmod(_FOLDER_MODE)
        self._kept("mongo/keyfile", secrets.token_urlsafe(_KEYFILE_BYTES).replace("-", "+").replace("_", "/"))
        self._password("mongo/root_password")
        self._password("grafana/admin_password")
        for process in PROCESSES:
            self._write(f"{process.name}/amqp_url", self._amqp_url(process))
            self._write(f"{process.name}/mongo_url", self._mongo_url(process))
            if process.asks_model:
                # To be filled in by hand, where the model's server asks for one.
                self._kept(f"{process.name}/anthropic_api_key", "")
        self._write("rabbitmq/definitions.json", json.dumps(definitions(list(self._users())), indent=1))
        management, for_keda = self._engines.management, self._engines.management_for_keda
        self._write("admin/amqp_management_url", self._management_url(Role.OPERATOR, management))
        self._write("keda/host", self._management_url(Role.MONITOR, for_keda))
        self._write("kustomization.yaml", json.dumps(self._kustomization(), indent=1))

    def _users(self) -> Iterator[User]:
        for role in Role:
            yield User(role, self._broker_password(role), role)

    def _amqp_url(self, process: Process) -> str:
        login = f"{process.role}:{self._broker_password(process.role)}"
        return f"amqp://{login}@{self._engines.broker}/{VHOST}"

    def _management_url(self, role: Role, place: str) -> str:
        return f"http://{role}:{self._broker_password(role)}@{place}/{VHOST}"

    def _mongo_url(self, process: Process) -> str:
        login = f"{process.name}:{self._password(f'mongo/{process.name}_password')}"
        options = f"replicaSet={self._engines.replica_set}&authSource=admin"
        return f"mongodb://{login}@{self._engines.store}/?{options}"

    def _broker_password(self, role: Role) -> str:
        return self._password(f"rabbitmq/{role}_password")

    def _password(self, name: str) -> str:
        return self._kept(name, secrets.token_hex(24))

    def _kept(self, name: str, otherwise: str) -> str:
        file = self._root / name
        if not file.exists():
            self._write(name, otherwise)
        return file.read_text().strip()

    def _write(self, name: str, text: str) -> None:
        """The file appears with all of its text, or not at all; Kubernetes hands on every byte of it."""
        file = self._root / name
        file.parent.mkdir(mode=_FOLDER_MODE, exist_ok=True)
        draft = file.with_suffix(".new")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(text)
        draft.chmod(_FILE_MODE)
        draft.replace(file)

    def _kustomization(self) -> dict[str, Any]:
        """The same as Kubernetes's Secrets: ``kubectl apply -k FOLDER`` makes them."""
        folders = {process.name: _dashed(process.name) for process in PROCESSES}
        generated = [_secret(name, self._files_of(folder)) for folder, name in folders.items()]
        generated.append(_secret("admin", ["admin/amqp_management_url"]))
        generated.append(_secret("rabbitmq-definitions", ["rabbitmq/definitions.json"]))
        generated.append(_secret("keda-rabbitmq", ["keda/host"]))
        generated.extend(
            _secret(f"mongo-{name}", [f"password=mongo/{folder}_password"])
            for folder, name in folders.items()
        )
        return {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "namespace": NAMESPACE,
            "generatorOptions": {"disableNameSuffixHash": True},
            "secretGenerator": generated,
        }

    def _files_of(self, folder: str) -> list[str]:
        return sorted(f"{folder}/{file.name}" for file in (self._root / folder).iterdir())


def _secret(name: str, files: list[str]) -> dict[str, Any]:
    return {"name": name, "files": files}


def _dashed(name: str) -> str:
    """Names in Kubernetes have no underscores."""
    return name.replace("_", "-")
