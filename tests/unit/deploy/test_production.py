"""The secrets of a production stack, and its database's users."""

import base64
import json
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pymongo.errors import OperationFailure

from common.contracts.topology import Role
from deploy.production.__main__ import main
from deploy.production.database import ensure_user, initiate
from deploy.production.processes import PROCESSES
from deploy.production.secrets import Engines, Secrets

CHECKOUT = Path(__file__).resolve().parents[3]


def texts(root: Path) -> dict[str, str]:
    return {
        str(file.relative_to(root)): file.read_text() for file in sorted(root.rglob("*")) if file.is_file()
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "secrets"
    Secrets(root, Engines()).write()
    return root


def test_passwords_stay_when_secrets_are_written_again(root: Path) -> None:
    before = texts(root)
    (root / "chat/anthropic_api_key").chmod(0o600)
    (root / "chat/anthropic_api_key").write_text("sk-mine")
    Secrets(root, Engines()).write()
    after = texts(root)
    assert after.pop("chat/anthropic_api_key") == "sk-mine"
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {"rabbitmq/definitions.json"}  # its salts


def test_the_command_of_the_readme_puts_each_place_where_it_belongs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [
        "secrets",
        str(tmp_path),
        "--store",
        "mongo-svc:27017",
        "--broker",
        "mq:5672",
        "--management",
        "m:15672",
    ]
    monkeypatch.setattr("sys.argv", ["deploy.production", *asked])
    main()
    for process in PROCESSES:
        assert urlsplit((tmp_path / process.name / "mongo_url").read_text()).netloc.endswith(
            "@mongo-svc:27017"
        )
        assert urlsplit((tmp_path / process.name / "amqp_url").read_text()).netloc.endswith("@mq:5672")
    assert urlsplit((tmp_path / "admin/amqp_management_url").read_text()).netloc.endswith("@m:15672")
    assert urlsplit((tmp_path / "keda/host").read_text()).netloc.endswith("@rabbitmq.ocr-fleet.svc:15672")


def test_two_stacks_have_no_password_in_common(root: Path, tmp_path: Path) -> None:
    Secrets(tmp_path / "other", Engines()).write()
    passwords = {name for name in texts(root) if name.endswith("password")}
    assert passwords
    for name in passwords:
        assert (root / name).read_text() != (tmp_path / "other" / name).read_text()


def test_the_folder_is_its_owners_alone_and_its_files_can_be_read_by_containers(root: Path) -> None:
    assert root.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in root.rglob("*") if file.is_file()} == {0o444}


def test_no_line_end_becomes_a_part_of_a_secret(root: Path) -> None:
    assert not [name for name, text in texts(root).items() if text != text.strip()]


def test_the_broker_knows_every_role_by_the_password_in_its_url(root: Path) -> None:
    told = json.loads((root / "rabbitmq/definitions.json").read_text())
    hashes = {user["name"]: base64.b64decode(user["password_hash"]) for user in told["users"]}
    assert set(hashes) == set(Role)
    for process in PROCESSES:
        url = urlsplit((root / process.name / "amqp_url").read_text().strip())
        known = hashes[url.username or ""]
        assert url.username == process.role and url.path == "/ocr"
        assert known[4:] == sha256(known[:4] + (url.password or "").encode()).digest()


def test_the_operators_command_reaches_the_broker_as_its_administrator(root: Path) -> None:
    url = urlsplit((root / "admin/amqp_management_url").read_text())
    assert (url.username, url.hostname, url.port) == (Role.OPERATOR, "rabbitmq", 15672)
    assert url.password == (root / "rabbitmq/operator_password").read_text()


def test_the_engines_of_a_cluster_can_be_named(tmp_path: Path) -> None:
    Secrets(tmp_path, Engines(broker="there:5672", store="a:27017,b:27017")).write()
    assert "@there:5672/ocr" in (tmp_path / "front/amqp_url").read_text()
    assert "@a:27017,b:27017/?replicaSet=mongo" in (tmp_path / "front/mongo_url").read_text()


class Admin:
    """What is asked of it, and what it answers."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers
        self.asked: list[tuple[str, Any, dict[str, Any]]] = []

    @property
    def admin(self) -> "Admin":
        return self

    def command(self, name: str, value: Any = 1, **options: Any) -> Any:
        self.asked.append((name, value, options))
        answer = self._answers.get(name, {})
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_replica_set_that_is_there_stays() -> None:
    client: Any = Admin(
        replSetInitiate=OperationFailure("already initialized", 23), hello={"isWritablePrimary": True}
    )
    initiate(client, "mongo", "mongo:27017")
    assert client.asked[0][1] == {"_id": "mongo", "members": [{"_id": 0, "host": "mongo:27017"}]}


def test_a_database_that_refuses_is_told() -> None:
    client: Any = Admin(replSetInitiate=OperationFailure("not authorized", 13))
    with pytest.raises(OperationFailure):
        initiate(client, "mongo", "mongo:27017")


@pytest.mark.parametrize(("known", "command"), [([], "createUser"), ([{"user": "chat"}], "updateUser")])
def test_a_user_gets_its_password_and_roles_new_or_not(known: list[Any], command: str) -> None:
    client: Any = Admin(usersInfo={"users": known})
    ensure_user(client, "chat", "a-password", [{"db": "ocr_blobs", "role": "read"}])
    options = {"pwd": "a-password", "roles": [{"db": "ocr_blobs", "role": "read"}]}
    assert client.asked[-1] == (command, "chat", options)


def test_what_stands_before_the_fronts_logs_no_token_of_a_query() -> None:
    proxy = (CHECKOUT / "deploy/caddy/Caddyfile").read_text()
    options = proxy[: proxy.index("\n}\n")]
    assert "request>uri query {\n\t\t\t\t\treplace api_token REDACTED" in options, "for every site's errors"
    ingress = (CHECKOUT / "deploy/kubernetes/front.yaml").read_text()
    assert 'nginx.ingress.kubernetes.io/enable-access-log: "false"' in ingress
