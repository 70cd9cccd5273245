"""The command's composition root: accounts and books in MongoDB, one command, an exit code."""

import asyncio
import sys
from argparse import Namespace
from collections.abc import Sequence
from functools import partial

from pydantic import ValidationError

from common import logs
from common.adapters.mongo_accounts import MongoAccountRepository
from common.adapters.mongo_connection import connect, database
from common.adapters.mongo_credits import MongoCreditStore
from common.adapters.mongo_ledger import MongoLedger
from common.adapters.mongo_usage import MongoUsageStore
from common.errors import BrokerUnavailable, FleetError, StoreUnavailable
from common.runtime.plans_file import load_plans
from common.runtime.process import identity
from front.admin.arguments import parse
from front.admin.dead_desk import dead_desk
from front.admin.desk import Desk
from front.admin.ledger_report import DIFFERS, LedgerDiffers
from front.admin.partner_desk import partner_desk
from front.admin.settings import AdminSettings
from front.services.accounts import Accounts
from front.services.ledger_audit import LedgerAudit
from front.services.tokens import Tokens
from front.services.usage_report import UsageReport


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 1 after one sentence on standard error; 2 for arguments that make no sense; 3 where the ledger
    and the books differ.
    """
    given = parse(arguments)
    try:
        settings = AdminSettings()
    except ValidationError as error:
        for wrong in error.errors():
            print(f"{str(wrong['loc'][0]).upper()}: {wrong['msg']}.", file=sys.stderr)
        return 1
    try:
        lines = asyncio.run(_carry_out(given, settings))
    except StoreUnavailable:
        print(_without_database(settings), file=sys.stderr)
        return 1
    except BrokerUnavailable:
        print("The broker at AMQP_URL does not answer.", file=sys.stderr)
        return 1
    except FleetError as error:
        print(error.message, file=sys.stderr)
        return 1
    except LedgerDiffers as found:
        _print(found.lines)
        return DIFFERS
    _print(lines)
    return 0


def _print(lines: Sequence[str]) -> None:
    for line in lines:
        print(line)


async def _carry_out(given: Namespace, settings: AdminSettings) -> Sequence[str]:
    plans = load_plans(settings.plans_file)
    client = connect(settings.mongo_url, identity("admin"))
    try:
        store = database(client, settings.jobs_database)
        repository, credits = MongoAccountRepository(store, plans), MongoCreditStore(store)
        await repository.prepare()
        await credits.prepare()
        accounts = Accounts(repository, credits, plans)
        desk = Desk(
            accounts,
            Tokens(repository),
            UsageReport(MongoUsageStore(store)),
            LedgerAudit(MongoLedger(store)),
            partial(dead_desk, settings, client, repository, credits),
            partial(partner_desk, settings, repository, accounts),
        )
        lines: Sequence[str] = await given.command(desk, given)
        return lines
    finally:
        client.close()


def _without_database(settings: AdminSettings) -> str:
    if "mongo_url" in settings.model_fields_set:
        return "The database at MONGO_URL does not answer."
    return (
        "No database answers, and MONGO_URL is not set. For the one-machine stack: 'make up' starts it, "
        "and '. .local/env' sets MONGO_URL in this shell."
    )


if __name__ == "__main__":
    logs.configure("WARNING", "admin")
    sys.exit(main())
