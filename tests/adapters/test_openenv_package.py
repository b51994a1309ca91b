"""A package of `export-openenv`, and what it serves, in the hands of `openenv validate`."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import pytest

pytest.importorskip("openenv.validation", reason="the extra `openenv` is not installed")

from envscaler.adapters.openenv_package import export_openenv
from envscaler.config import load_settings
from envscaler.errors import ConfigError
from envscaler.load import load_scenarios
from tests.adapters.example import CHECKOUT, EXAMPLE

SETTINGS = load_settings(None, ())


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example as a package."""
    folder = tmp_path_factory.mktemp("openenv")
    shutil.copytree(EXAMPLE, folder / "run")
    export_openenv(folder / "run", folder / "my-desk", SETTINGS)
    return folder / "my-desk"


@contextmanager
def served(package: Path) -> Generator[str]:
    """Serve a package as its image does, but on a port that is free."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "server.app:app", "--port", str(port)]
    paths = os.pathsep.join((str(package), str(CHECKOUT)))
    with subprocess.Popen(
        command, cwd=package, env=os.environ | {"PYTHONPATH": paths}, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}/health", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(60)


def _wait_for(url: str, process: subprocess.Popen) -> None:
    opener = build_opener(ProxyHandler({}))
    for _ in range(1200):
        assert process.poll() is None, "the server has ended"
        try:
            opener.open(url, timeout=60).close()
        except URLError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not answer")


def validate(*arguments: str) -> tuple[int, dict]:
    command = [str(Path(sys.executable).with_name("openenv")), "validate", "--json", *arguments]
    local = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    done = subprocess.run(
        command, env=os.environ | local, capture_output=True, text=True, check=False, timeout=300
    )
    return done.returncode, json.loads(done.stdout)


def test_the_package_passes_without_an_image(package: Path) -> None:
    code, report = validate("--level", "static", "--skip-build", str(package))

    assert (code, report["verdict"]) == (0, "pass")
    assert {one["check_id"]: one["status"] for one in report["results"]} == {
        "static.manifest": "pass"
    }


def test_what_it_serves_passes_every_criterion(package: Path) -> None:
    with served(package) as url:
        code, report = validate("--url", url, "--timeout", "60")

    failed = [one for one in report["criteria"] if not one["passed"]]
    assert failed == []
    assert (code, len(report["criteria"])) == (0, 6)


def test_a_manifest_that_promises_too_much_fails(package: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(package, tmp_path / "copy")
    manifest = (copy / "openenv.yaml").read_text(encoding="utf-8")
    loose = manifest.replace("oracle_tolerance: 0.0", "oracle_tolerance: 0.9")
    (copy / "openenv.yaml").write_text(loose, encoding="utf-8")

    code, report = validate("--level", "static", "--skip-build", str(copy))

    assert (code, report["verdict"]) == (1, "fail")


def test_it_holds_the_scenarios_with_checks_and_their_environments(package: Path) -> None:
    wanted = [row.id for row in load_scenarios(EXAMPLE) if row.checks]

    assert [row.id for row in load_scenarios(package / "data")] == wanted


def test_it_is_not_written_over_another(package: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="exists"):
        export_openenv(tmp_path, package, SETTINGS)
    with pytest.raises(ConfigError, match="is no name"):
        export_openenv(tmp_path, tmp_path / "No Name", SETTINGS)
