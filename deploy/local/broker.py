"""RabbitMQ from the system's package, as a private node: own data, own epmd, own cookie, loopback only."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from common.contracts.topology import MAX_MESSAGE_BYTES, VHOST, Role, User, definitions
from deploy.local.credentials import OWN_USER_PREFIX, Credentials
from deploy.local.errors import StackError
from deploy.local.ports import HOST, Ports
from deploy.local.probe import http_status
from deploy.local.program import Program
from deploy.local.state import write_private

# The package's own scripts; those in /usr/sbin insist on root or the rabbitmq user.
_SCRIPTS = "/usr/lib/rabbitmq/bin"

# consumer_timeout (ms): a worker holds its pages while the database is away, which is not to look like
# a consumer that hangs, whose channel the broker closes. Six hours, where its own default is half of one.
_CONFIGURATION = """\
listeners.tcp.1 = {host}:{amqp}
management.tcp.ip = {host}
management.tcp.port = {management}
prometheus.tcp.ip = {host}
prometheus.tcp.port = {prometheus}
definitions.import_backend = local_filesystem
definitions.local.path = {definitions}
definitions.skip_if_unchanged = true
max_message_size = {max_message}
consumer_timeout = 21600000
vm_memory_high_watermark.absolute = 1GiB
disk_free_limit.absolute = 200MB
raft.wal_max_size_bytes = 67108864
log.file = false
log.console = true
log.console.level = info
log.console.use_colors = off
"""

_PLUGINS = "[rabbitmq_management, rabbitmq_prometheus].\n"

# As many schedulers as this load needs, and none that spins while it waits.
_ERLANG_FLAGS = "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none"


class Broker:
    """One private node that keeps everything in ``home``."""

    EPMD_PORTS = ("epmd",)
    PORTS = ("amqp", "amqp-management", "amqp-prometheus", "amqp-distribution")

    def __init__(self, home: Path, ports: Ports, credentials: Credentials) -> None:
        self._home = home
        self._ports = ports
        self._users = (
            User(f"{OWN_USER_PREFIX}front", credentials.front, Role.FRONT),
            User(f"{OWN_USER_PREFIX}worker", credentials.worker, Role.WORKER),
            User(f"{OWN_USER_PREFIX}vlm-worker", credentials.vlm_worker, Role.VLM_WORKER),
            User(f"{OWN_USER_PREFIX}export-worker", credentials.export_worker, Role.EXPORT_WORKER),
            User(f"{OWN_USER_PREFIX}chat-worker", credentials.chat_worker, Role.CHAT_WORKER),
            User(f"{OWN_USER_PREFIX}operator", credentials.operator, Role.OPERATOR),
            User(f"{OWN_USER_PREFIX}monitor", credentials.monitor, Role.MONITOR),
        )
        self._cookie = credentials.erlang_cookie

    def amqp_url(self, role: Role) -> str:
        return f"amqp://{self._login(role)}@{HOST}:{self._ports['amqp']}/{VHOST}"

    @property
    def management_url(self) -> str:
        return f"http://{self._login(Role.OPERATOR)}@{HOST}:{self._ports['amqp-management']}"

    def is_ready(self) -> bool:
        """Whether clients can connect: users, queues and listeners are all there."""
        listener = f"/api/health/checks/port-listener/{self._ports['amqp']}"
        return http_status(self.management_url + listener) == 200

    def run(self, command: Sequence[str]) -> int:
        """One of the commands that come with RabbitMQ, at this node; its exit code."""
        environment = {**os.environ, **self._environment(self._home / "home")}
        return subprocess.run([_find(command[0]), *command[1:]], env=environment, check=False).returncode

    def prepare(self) -> tuple[Program, Program]:
        """Write the node's files; the programs to run it: its name server and itself."""
        home = self._home / "home"
        home.mkdir(mode=0o700, exist_ok=True)
        write_private(home / ".erlang.cookie", self._cookie, mode=0o400)
        write_private(self._home / "enabled_plugins", _PLUGINS)
        write_private(self._home / "rabbitmq.conf", self._configuration())
        topology = _keep_definitions(self._home / "definitions.json", self._users)
        environment = self._environment(home)
        return (
            Program(
                name="epmd",
                command=(_find("epmd"),),
                environment=environment,
                rank=5,
                stop_wait_s=10,
                ports=self.EPMD_PORTS,
            ),
            Program(
                name="rabbitmq",
                command=(_find("rabbitmq-server"),),
                # TOPOLOGY changes with the definitions, and so lets the supervisor see that they did.
                environment={**environment, "TOPOLOGY": topology},
                rank=10,
                stop_wait_s=60,
                ports=self.PORTS,
            ),
        )

    def _login(self, role: Role) -> str:
        user = next(user for user in self._users if user.role is role)
        return f"{user.name}:{user.password}"

    def _configuration(self) -> str:
        return _CONFIGURATION.format(
            host=HOST,
            max_message=MAX_MESSAGE_BYTES,
            amqp=self._ports["amqp"],
            management=self._ports["amqp-management"],
            prometheus=self._ports["amqp-prometheus"],
            definitions=self._home / "definitions.json",
        )

    def _environment(self, home: Path) -> dict[str, str]:
        return {
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "ERL_EPMD_ADDRESS": HOST,
            "ERL_EPMD_PORT": str(self._ports["epmd"]),
            # The node becomes the supervisor's own child, without a shell in between.
            "RUNNING_UNDER_SYSTEMD": "true",
            "RABBITMQ_NODENAME": "ocr@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": HOST,
            "RABBITMQ_NODE_PORT": str(self._ports["amqp"]),
            "RABBITMQ_DIST_PORT": str(self._ports["amqp-distribution"]),
            "RABBITMQ_MNESIA_BASE": str(self._home / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self._home / "log"),
            "RABBITMQ_PID_FILE": str(self._home / "pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._home / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": str(self._home / "rabbitmq.conf"),
            # None of the system's own configuration.
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_CONFIG_FILES": str(self._home / "conf.d"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self._home / "advanced.config"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": _ERLANG_FLAGS,
        }


def _find(command: str) -> str:
    found = shutil.which(command, path=f"{_SCRIPTS}:{os.environ.get('PATH', os.defpath)}")
    if not found:
        raise StackError(f"{command} is missing: install the package rabbitmq-server, or set AMQP_URL")
    return found


def _keep_definitions(file: Path, users: Sequence[User]) -> str:
    """Write the definitions unless ``file`` says the same already; a digest of the file.

    The broker imports a changed file at its start, and so undoes what an operator changed live;
    random salts alone shall not make it do so.
    """
    wanted = definitions(users)
    if not file.exists() or _without_salt(json.loads(file.read_text())) != _without_salt(wanted):
        write_private(file, json.dumps(wanted, indent=1) + "\n")
    return sha256(file.read_bytes()).hexdigest()[:16]


def _without_salt(document: dict[str, Any]) -> dict[str, Any]:
    users = [{**user, "password_hash": None} for user in document["users"]]
    return {**document, "users": users}
