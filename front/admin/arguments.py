"""What the command line may say."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from datetime import date
from typing import Any

from front.admin import commands, dead_commands, ledger_report, partner_commands
from front.services.accounts import MOST_CREDITS

_DIGITS = len(str(MOST_CREDITS))


def parse(arguments: Sequence[str] | None = None) -> Namespace:
    """The arguments, with the command to run as ``command``; argparse ends the process for wrong ones."""
    what = "Accounts, their tokens, what they used; partners on the queue; dead letters."
    parser = ArgumentParser("python -m front.admin", description=what)
    subjects = parser.add_subparsers(required=True, metavar="account|token|usage|ledger|dead|partner")
    _accounts(subjects)
    _tokens(subjects)
    _usage(subjects)
    _ledger(subjects)
    _dead(subjects)
    _partners(subjects)
    return parser.parse_args(arguments)


def _accounts(subjects: Any) -> None:
    account = _subject(subjects, "account", "make, list, show, top up, move or suspend accounts")
    create = _command(account, "create", commands.create_account, "make an account")
    create.add_argument("name", help="up to 40 of a-z, 0-9 and hyphens")
    create.add_argument("--plan", help="one of the plans' file; without it, the file's default")
    _command(account, "list", commands.list_accounts, "list all accounts")
    show = _command(account, "show", commands.show_account, "show one account and how it stands")
    show.add_argument("name")
    top_up = _command(account, "topup", commands.top_up_account, "add bought credits to an account")
    top_up.add_argument("name")
    top_up.add_argument("credits", type=_credits)
    top_up.add_argument("--reference", help="of the payment: each one counts once, however often it is given")
    plan = _command(account, "plan", commands.change_plan, "put an account on another plan")
    plan.add_argument("name")
    plan.add_argument("plan", help="one of the plans' file")
    suspend = _command(account, "suspend", commands.suspend_account, "lock an account out")
    suspend.add_argument("name")
    resume = _command(account, "resume", commands.resume_account, "let a suspended account in again")
    resume.add_argument("name")


def _tokens(subjects: Any) -> None:
    token = _subject(subjects, "token", "make, list or revoke tokens of an account")
    make = _command(token, "create", commands.create_token, "make a token and print it, this once, last")
    make.add_argument("name", help="the account's name")
    listing = _command(token, "list", commands.list_tokens, "list an account's tokens by their beginnings")
    listing.add_argument("name", help="the account's name")
    revoke = _command(token, "revoke", commands.revoke_token, "make a token invalid, for good")
    revoke.add_argument("name", help="the account's name")
    revoke.add_argument("prefix", help="the token's beginning as listed, or the whole token")


def _usage(subjects: Any) -> None:
    usage = _subject(subjects, "usage", "tell what accounts were charged")
    export = _command(usage, "export", commands.export_usage, "print what was charged each day, as CSV")
    export.add_argument("--account", metavar="NAME", help="of this one alone")
    export.add_argument("--since", type=_day, metavar="YYYY-MM-DD", help="without it, the month's first day")
    export.add_argument("--until", type=_day, metavar="YYYY-MM-DD", help="without it, today (UTC)")


def _ledger(subjects: Any) -> None:
    ledger = _subject(subjects, "ledger", "check the books")
    _command(
        ledger,
        "verify",
        ledger_report.verify_ledger,
        "work out every balance from the ledger and name the accounts that differ; exit code 3 if one does",
    )


def _dead(subjects: Any) -> None:
    dead = _subject(subjects, "dead", "look at tasks that no worker could handle, and have them tried anew")
    one_queue = "of this queue alone, with or without its '.dead'"
    listing = _command(dead, "list", dead_commands.list_dead, "list dead letters, the oldest first")
    listing.add_argument("--queue", help=one_queue)
    listing.add_argument("--limit", type=_count, default=1000, help="of each queue; without it, 1000")
    show = _command(dead, "show", dead_commands.show_dead, "tell everything about one dead letter")
    show.add_argument("id", help="as listed, or more of it")
    redrive = _command(
        dead,
        "redrive",
        dead_commands.redrive_dead,
        "have pages that died read in a new job of their account, and files built again",
    )
    which = redrive.add_mutually_exclusive_group(required=True)
    which.add_argument("id", nargs="?", help="as listed, or more of it")
    which.add_argument("--job", help="everything that died of this job")
    which.add_argument("--queue", help="everything in this queue")
    drop = _command(dead, "drop", dead_commands.drop_dead, "remove dead letters, for good")
    which = drop.add_mutually_exclusive_group(required=True)
    which.add_argument("id", nargs="?", help="as listed, or more of it")
    which.add_argument("--all", action="store_true", help="everything in the queue of --queue")
    drop.add_argument("--queue", help=one_queue)


def _partners(subjects: Any) -> None:
    partner = _subject(subjects, "partner", "let partners send requests through the broker")
    add = _command(
        partner,
        "add",
        partner_commands.add_partner,
        "make an account where there is none, its broker user and its intake, and print how to connect",
    )
    add.add_argument("name", help="the account's, up to 40 of a-z, 0-9 and hyphens")
    add.add_argument("--plan", help="of a new account; without it, the file's default")
    remove = _command(
        partner, "remove", partner_commands.remove_partner, "take the broker user away; the account stays"
    )
    remove.add_argument("name", help="the account's name")
    remove.add_argument("--drop", action="store_true", help="requests that still wait, too")
    _command(partner, "list", partner_commands.list_partners, "list partners and what waits of them")
    password = _command(
        partner,
        "password",
        partner_commands.new_password,
        "make a new password and print how to connect; ends the connections made with the old one",
    )
    password.add_argument("name", help="the account's name")


def _count(given: str) -> int:
    if not (given.isascii() and given.isdigit() and int(given) > 0):
        raise ArgumentTypeError(f"{given!r} is not a whole number, 1 or more")
    return int(given)


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise ArgumentTypeError(f"{given!r} is not a day such as 2026-11-30") from error


def _credits(given: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) <= _DIGITS and int(given) > 0):
        shown = given[:_DIGITS]
        raise ArgumentTypeError(f"{shown!r} is not a whole number of credits from 1 to {MOST_CREDITS:,}")
    return int(given)


def _subject(subjects: Any, name: str, what: str) -> Any:
    return subjects.add_parser(name, help=what).add_subparsers(required=True, metavar="command")


def _command(subject: Any, name: str, command: commands.Command, what: str) -> ArgumentParser:
    parser: ArgumentParser = subject.add_parser(name, help=what, description=what.capitalize() + ".")
    parser.set_defaults(command=command)
    return parser
