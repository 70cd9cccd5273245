"""``python -m deploy.local up|down|status|broker``: the one-machine stack by command."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from pydantic import ValidationError

from deploy.local.errors import StackError
from deploy.local.fleet import Size
from deploy.local.stack import Endpoints, Stack


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        size = Size(
            options.fronts,
            options.cpu_workers,
            options.vlm_workers,
            options.export_workers,
            options.chat_workers,
        )
        stack = Stack(options.state, size, extra=dict(options.set))
        return int(options.run(stack, options) or 0)
    except StackError as error:
        print(f"Error: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("Interrupted; 'make down' stops what was started", file=sys.stderr)
    except ValidationError as error:
        for wrong in error.errors():
            print(f"Error: {str(wrong['loc'][0]).upper()}: {wrong['msg']}", file=sys.stderr)
    return 1


def _up(stack: Stack, options: argparse.Namespace) -> None:
    print(_describe(stack, stack.up(tell=lambda text: print(text, file=sys.stderr, flush=True))))


def _down(stack: Stack, options: argparse.Namespace) -> None:
    stopped = stack.kill() if options.now else stack.down()
    if stopped:
        print(
            f"OCR Fleet is down: stopped {', '.join(stopped)}. What it stored stays in {stack.folder.root}."
        )
    else:
        print("OCR Fleet was not running.")


def _status(stack: Stack, options: argparse.Namespace) -> int:
    processes = stack.status()
    if options.json:
        status = {
            "state": str(stack.folder.root),
            "supervisord_conf": str(stack.supervisor.configuration),
            "processes": [{**asdict(process), "log": str(process.log)} for process in processes],
            "endpoints": asdict(stack.endpoints()) if processes else None,
        }
        print(json.dumps(status, indent=1))
    else:
        for process in processes:
            ports = " ".join(f"{name}={port}" for name, port in process.ports.items())
            print(f"{process.name:12} {process.state:9} {process.pid or '-':>8} {ports}")
    if not processes and not options.json:
        print("The stack is down.")
    return 0 if processes else 3


def _broker(stack: Stack, options: argparse.Namespace) -> int:
    return stack.run_at_broker([options.tool, *options.arguments])


def _describe(stack: Stack, endpoints: Endpoints) -> str:
    lines = [f"OCR Fleet is up. Settings for your shell: {stack.folder.environment}"]
    for url in endpoints.ocr_urls:
        lines.append(f"  REST API          {url}/api/v1/   (reference: {url}/docs/)")
    if endpoints.amqp_management_url:
        place = endpoints.amqp_management_url.rpartition("@")[2]
        lines.append(f"  RabbitMQ console  http://{place}/   (user and password: AMQP_MANAGEMENT_URL)")
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    default = Size()
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--state", type=Path, default=Path(".local"), help="folder (default: %(default)s)")
    common.add_argument("--fronts", type=int, default=default.fronts, help="how many (default: %(default)s)")
    common.add_argument(
        "--cpu-workers", type=int, default=default.cpu_workers, help="how many (default: one per core)"
    )
    common.add_argument(
        "--vlm-workers",
        type=int,
        default=default.vlm_workers,
        help="how many, where a model is configured (default: %(default)s)",
    )
    common.add_argument(
        "--export-workers", type=int, default=default.export_workers, help="how many (default: %(default)s)"
    )
    common.add_argument(
        "--chat-workers", type=int, default=default.chat_workers, help="how many (default: %(default)s)"
    )
    common.add_argument(
        "--set",
        type=_assignment,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an environment variable for all processes of the fleet",
    )
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    commands = parser.add_subparsers(required=True)
    up = commands.add_parser("up", parents=[common], help="start it, and wait until it is ready")
    up.set_defaults(run=_up)
    down = commands.add_parser("down", parents=[common], help="stop it")
    down.add_argument("--now", action="store_true", help="kill it: for a stack whose data nobody needs")
    down.set_defaults(run=_down)
    status = commands.add_parser("status", parents=[common], help="list its processes; exits 3 when down")
    status.add_argument("--json", action="store_true", help="for programs; with where it answers")
    status.set_defaults(run=_status)
    broker = commands.add_parser(
        "broker",
        parents=[common],
        help="run a command of RabbitMQ's at its node, such as rabbitmqctl",
    )
    broker.add_argument("tool")
    broker.add_argument("arguments", nargs=argparse.REMAINDER)
    broker.set_defaults(run=_broker)
    return parser


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


if __name__ == "__main__":
    sys.exit(main())
