"""What our own processes are told."""

from pathlib import Path
from urllib.parse import urlsplit

from common.runtime.ending import MARGIN_S
from deploy.local.fleet import Size, fleet, fleet_settings, without_settings
from deploy.local.ports import Ports
from deploy.local.program import Program
from deploy.local.settings import StackSettings
from deploy.local.state import StateFolder
from deploy.local.systems import Systems
from front.settings import FrontSettings


def test_settings_go_to_the_programs_and_all_else_to_the_supervisor() -> None:
    environment = {
        "PATH": "/bin",
        "FRONT_DRAIN_S": "3",
        "OCR_CPU_SLOTS": "2",
        "OCR_EXPORT_SLOTS": "3",
        "OCR_CHAT_SLOTS": "2",
        "LOG_LEVEL": "DEBUG",
        "OCR_PLANS_FILE": "mine.toml",
        "OCR_URL": "x",
    }
    assert fleet_settings(environment) == {
        "FRONT_DRAIN_S": "3",
        "OCR_CPU_SLOTS": "2",
        "OCR_EXPORT_SLOTS": "3",
        "OCR_CHAT_SLOTS": "2",
        "LOG_LEVEL": "DEBUG",
        "OCR_PLANS_FILE": "mine.toml",
    }
    assert without_settings(environment) == {"PATH": "/bin", "OCR_URL": "x"}


def test_no_process_is_killed_before_it_would_end_itself(tmp_path: Path) -> None:
    assert stop_waits(tmp_path)["front-1"] > FrontSettings().drain_s + MARGIN_S
    longer = {
        "FRONT_DRAIN_S": "200",
        "OCR_CPU_DRAIN_S": "300.5",
        "OCR_EXPORT_DRAIN_S": "400",
        "OCR_CHAT_DRAIN_S": "500",
    }
    waits = stop_waits(tmp_path, **longer, OCR_CPU_SLOTS="")
    assert waits["front-1"] > 200 + MARGIN_S and waits["ocr_cpu-1"] > 300.5 + MARGIN_S
    assert waits["export-1"] > 400 + MARGIN_S and waits["chat-1"] > 500 + MARGIN_S


def test_each_kind_of_process_is_a_broker_user_of_its_own(tmp_path: Path) -> None:
    users = {name: urlsplit(one.environment["AMQP_URL"]).username for name, one in made(tmp_path).items()}
    assert users == {
        "front-1": "local-front",
        "ocr_cpu-1": "local-worker",
        "ocr_cpu-2": "local-worker",
        "export-1": "local-export-worker",
        "chat-1": "local-chat-worker",
    }


def test_what_is_known_of_a_model_is_told_to_who_asks_it_alone(tmp_path: Path) -> None:
    programs = made(tmp_path, ANTHROPIC_API_KEY="a-secret", OCR_MODEL="a-model")
    told = {name for name, one in programs.items() if "a-secret" in one.environment.values()}
    assert told == {"ocr_vlm-1", "chat-1"}
    assert programs["ocr_vlm-1"].environment["OCR_MODEL"] == "a-model"
    assert urlsplit(programs["ocr_vlm-1"].environment["AMQP_URL"]).username == "local-vlm-worker"
    assert programs["front-1"].environment["FRONT_MODEL_CONFIGURED"] == "true"


def test_without_a_model_there_is_a_chat_worker_and_no_vlm_worker(tmp_path: Path) -> None:
    programs = made(tmp_path, OCR_MODEL="a-model")
    assert "chat-1" in programs
    assert not [name for name in programs if name.startswith("ocr_vlm")]
    assert programs["front-1"].environment["FRONT_MODEL_CONFIGURED"] == "false"


def stop_waits(root: Path, **settings: str) -> dict[str, int]:
    return {name: program.stop_wait_s for name, program in made(root, **settings).items()}


def made(root: Path, **settings: str) -> dict[str, Program]:
    """The fleet of one front, two workers and one each for exports and chat."""
    folder, ports = StateFolder.at(root), Ports(root / "ports", {})
    size = Size(fronts=1, cpu_workers=2, export_workers=1)
    own = StackSettings(amqp_url=None, mongo_url=None)
    programs = fleet(size, Systems(folder, ports, own), folder, ports, settings)
    return {program.name: program for program in programs}
