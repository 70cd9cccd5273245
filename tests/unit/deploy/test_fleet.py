"""What our own processes are told."""

from pathlib import Path

from common.runtime.ending import MARGIN_S
from deploy.local.fleet import Size, fleet, fleet_settings, without_settings
from deploy.local.ports import Ports
from deploy.local.settings import StackSettings
from deploy.local.state import StateFolder
from deploy.local.systems import Systems
from front.settings import FrontSettings


def test_settings_go_to_the_programs_and_all_else_to_the_supervisor() -> None:
    environment = {
        "PATH": "/bin",
        "FRONT_DRAIN_S": "3",
        "OCR_CPU_SLOTS": "2",
        "LOG_LEVEL": "DEBUG",
        "OCR_URL": "x",
    }
    assert fleet_settings(environment) == {"FRONT_DRAIN_S": "3", "OCR_CPU_SLOTS": "2", "LOG_LEVEL": "DEBUG"}
    assert without_settings(environment) == {"PATH": "/bin", "OCR_URL": "x"}


def test_no_process_is_killed_before_it_would_end_itself(tmp_path: Path) -> None:
    assert stop_waits(tmp_path)["front-1"] > FrontSettings().drain_s + MARGIN_S
    waits = stop_waits(tmp_path, FRONT_DRAIN_S="200", OCR_CPU_DRAIN_S="300.5", OCR_CPU_SLOTS="")
    assert waits["front-1"] > 200 + MARGIN_S and waits["ocr_cpu-1"] > 300.5 + MARGIN_S


def stop_waits(root: Path, **settings: str) -> dict[str, int]:
    folder, ports = StateFolder.at(root), Ports(root / "ports", {})
    programs = fleet(Size(1, 1), Systems(folder, ports, StackSettings()), folder, ports, settings)
    return {program.name: program.stop_wait_s for program in programs}
