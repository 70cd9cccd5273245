"""The CPU worker as a process, at a broker that never answers."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
LIMIT_S = 20


def test_a_worker_that_still_waits_for_the_broker_ends_when_it_is_told_to(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as broker:
        broker.settimeout(LIMIT_S)
        environment = {
            **os.environ,
            "AMQP_URL": f"amqp://a:b@127.0.0.1:{broker.getsockname()[1]}/ocr",
            "CACHE_DIR": str(tmp_path / "cache"),
        }
        command = [sys.executable, "-m", "workers.ocr_cpu"]
        with subprocess.Popen(command, cwd=REPOSITORY, env=environment, stderr=subprocess.PIPE) as worker:
            try:
                connection, _ = broker.accept()
                worker.send_signal(signal.SIGTERM)
                _, errors = worker.communicate(timeout=5)
            finally:
                worker.kill()
            connection.close()
    assert (worker.returncode, errors) == (0, b"")
