"""Half an installation, or another version, is one clear line."""

import json
import shutil
from pathlib import Path

import pytest

from envscaler.benchmarks.benchmark import Choice
from envscaler.benchmarks.bfcl import BfclBenchmark
from envscaler.errors import ConfigError
from tests.benchmarks.invented_bfcl import install


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return install(tmp_path)


def _find_nothing(_name: str) -> None:
    """Stand for a Python in which nothing is installed."""


def complaint(data: Path, *groups: str) -> str:
    with pytest.raises(ConfigError) as caught:
        BfclBenchmark().load(Choice(data=data, groups=groups))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_it_is_found_in_the_package_beside_it_and_in_a_virtual_environment(tmp_path: Path) -> None:
    inside = tmp_path / "venv" / "lib" / "python3.11" / "site-packages"
    inside.mkdir(parents=True)
    install(inside)

    for named in (tmp_path / "venv", inside, inside / "bfcl_eval"):
        assert len(BfclBenchmark().load(Choice(data=named))) == 8


def test_a_folder_without_it_says_how_to_install_it(tmp_path: Path) -> None:
    assert complaint(tmp_path) == (
        f"bfcl-eval is not in {tmp_path}: pip install --no-deps bfcl-eval==2026.3.23 mpmath==1.3.0,"
        " or name its folder with --data"
    )


def test_data_of_another_version_is_named(data: Path) -> None:
    for path in (data / "bfcl_eval" / "data").glob("BFCL_v4_*.json"):
        path.rename(path.with_name(path.name.replace("v4", "v3")))

    assert "has BFCL_v3_multi_turn_base.json, this envscaler plays BFCL v4" in complaint(data)


def test_a_missing_category_is_named(data: Path) -> None:
    (data / "bfcl_eval" / "data" / "BFCL_v4_multi_turn_miss_param.json").unlink()

    assert "BFCL_v4_multi_turn_miss_param.json is missing" in complaint(data)
    assert BfclBenchmark().load(Choice(data=data, groups=("base",)))


def test_a_category_that_does_not_exist_is_refused_with_those_that_do(data: Path) -> None:
    assert complaint(data, "simple") == (
        "BFCL has no category simple; --split takes base,miss_func,miss_param,long_context"
    )


def test_data_without_classes_is_half_an_installation(data: Path) -> None:
    shutil.rmtree(data / "bfcl_eval" / "eval_checker")

    assert "the data of bfcl-eval needs its classes" in complaint(data)


def test_a_missing_mpmath_is_said_before_anything_is_played(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("envscaler.benchmarks.bfcl.install.find_spec", _find_nothing)
    shutil.rmtree(data / "mpmath")

    assert "BFCL's MathAPI needs mpmath" in complaint(data)


def test_a_function_that_no_class_has_means_other_versions(data: Path) -> None:
    path = data / "bfcl_eval/eval_checker/multi_turn_eval/func_source_code/message_api.py"
    path.write_text(path.read_text("utf-8").replace("def tag", "def label"), encoding="utf-8")

    said = complaint(data)
    assert "data and classes are of different versions (MessageAPI has no tag)" in said


def test_an_answer_with_an_unknown_call_means_other_versions(data: Path) -> None:
    path = data / "bfcl_eval/data/possible_answer/BFCL_v4_multi_turn_base.json"
    path.write_text(path.read_text("utf-8").replace("count()", "tally()"), encoding="utf-8")

    assert "multi_turn_base_0 calls tally, unknown" in complaint(data)


def test_answers_that_belong_to_other_questions_are_refused(data: Path) -> None:
    path = data / "bfcl_eval/data/possible_answer/BFCL_v4_multi_turn_base.json"
    path.write_text(path.read_text("utf-8").splitlines()[0] + "\n", encoding="utf-8")

    assert "2 questions and 1 answers, and they do not belong together" in complaint(data)


def test_a_damaged_line_is_told_with_its_file(data: Path) -> None:
    path = data / "bfcl_eval/data/BFCL_v4_multi_turn_base.json"
    path.write_text(path.read_text("utf-8")[:-20], encoding="utf-8")

    assert f"{path} is damaged" in complaint(data)


def test_a_row_of_another_shape_is_told_with_what_is_wrong(data: Path) -> None:
    path = data / "bfcl_eval/data/BFCL_v4_multi_turn_base.json"
    row = json.loads(path.read_text("utf-8").splitlines()[0])
    path.write_text(json.dumps(row | {"question": "Write to Ada."}) + "\n", encoding="utf-8")

    assert "the rows of BFCL_v4_multi_turn_base.json are not as in bfcl-eval" in complaint(data)
