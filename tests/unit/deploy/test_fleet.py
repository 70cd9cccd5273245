"""What our own processes are told."""

from deploy.local.fleet import fleet_settings, without_settings


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
