"""What is written for supervisord is read back as it was meant, by supervisord's own parser."""

import shlex

import pytest
from supervisor.options import ProcessConfig, ServerOptions

from deploy.local.errors import StackError
from deploy.local.program import Program
from deploy.local.state import StateFolder
from deploy.local.supervisor import Supervisor


def program(command: tuple[str, ...] = ("true",), **environment: str) -> Program:
    return Program("probe", command, environment, rank=10, stop_wait_s=30)


def read_back(folder: StateFolder, written: Program) -> ProcessConfig:
    supervisor = Supervisor(folder)
    supervisor.write([written])
    options = ServerOptions()
    options.realize(["-c", str(supervisor.configuration)])
    [group] = options.process_group_configs
    [config] = group.process_configs
    return config


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> StateFolder:
    return StateFolder.at(tmp_path_factory.mktemp("a folder, ours"))


@pytest.mark.parametrize(
    "value",
    [
        "mongodb://user:p%40ss,w%2Ford@db-1:27017,db-2:27017/?replicaSet=rs0&w=majority",
        "amqp://user:a;b#c@host:5672/%2F",
        'with "double" quotes',
        "with 'single' quotes",
        "",
    ],
)
def test_a_setting_arrives_unchanged(folder: StateFolder, value: str) -> None:
    assert read_back(folder, program(SETTING=value, OTHER="1")).environment == {
        "SETTING": value,
        "OTHER": "1",
    }


def test_a_command_keeps_its_words(folder: StateFolder) -> None:
    command = ("/bin/echo", "two words", "100%", "it's")
    assert shlex.split(read_back(folder, program(command)).command) == list(command)


@pytest.mark.parametrize("value", ["two\nlines", "a ; b", "a # b", "both ' and \" in it", "'quoted'"])
def test_a_setting_that_supervisord_cannot_take_is_refused(folder: StateFolder, value: str) -> None:
    with pytest.raises(StackError):
        Supervisor(folder).write([program(SETTING=value)])


def test_nobody_else_may_read_the_passwords(folder: StateFolder) -> None:
    supervisor = Supervisor(folder)
    supervisor.write([program(AMQP_URL="amqp://front:secret@127.0.0.1/ocr")])
    assert supervisor.configuration.stat().st_mode & 0o077 == 0
    assert folder.root.stat().st_mode & 0o077 == 0
