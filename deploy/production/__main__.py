"""``python -m deploy.production secrets FOLDER``, and ``database``: before a stack first starts."""

import argparse
from pathlib import Path
from typing import Any

import pymongo

from deploy.production.database import set_up
from deploy.production.processes import PROCESSES
from deploy.production.secrets import Engines, Secrets
from deploy.production.settings import DatabaseSettings

_START_LIMIT_MS = 60_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.production", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("database", help="make the replica set and a user for each process")
    make = commands.add_parser("secrets", help="write passwords, and what holds them, into a folder")
    make.add_argument("folder", type=Path)
    usual = Engines()
    make.add_argument("--broker", default=usual.broker, help="host:port (%(default)s)")
    make.add_argument("--management", default=usual.management, help="host:port (%(default)s)")
    make.add_argument("--store", default=usual.store, help="host:port,… (%(default)s)")
    asked = parser.parse_args()
    if asked.command == "secrets":
        engines = Engines(broker=asked.broker, management=asked.management, store=asked.store)
        Secrets(asked.folder, engines).write()
    else:
        _set_up_database(DatabaseSettings())


def _set_up_database(settings: DatabaseSettings) -> None:
    with pymongo.MongoClient[dict[str, Any]](
        host=settings.mongo_member,
        username="root",
        password=settings.root_password.get_secret_value(),
        authSource="admin",
        directConnection=True,
        serverSelectionTimeoutMS=_START_LIMIT_MS,
    ) as client:
        passwords = {process.name: settings.password_of(process.name) for process in PROCESSES}
        set_up(client, settings.mongo_replica_set, settings.mongo_member, passwords)


if __name__ == "__main__":
    main()
