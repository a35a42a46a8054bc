"""The layers: who may see whom, and how long a file may be."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / "python" / "skyline"
CORE = ROOT / "cpp" / "core"

# The modules that run things, or turn values into those of the core.
RUNNING = {
    "__init__.py": "the one place that says what to do when the module does not load",
    "core_values.py": "our values as the core's",
    "rtsp_core.py": "makes servers",
    "encoder_choice.py": "tries encoders",
    "session.py": "measures a frame, types its lane",
    "encoding_session.py": "makes the lane of our own sinks",
    "description_session.py": "likewise",
    "opening.py": "measures a frame before there is a lane",
    "skyline.py": "asks for elements, redacts what it logs",
    "exit.py": "ends the process in order, knows about forks",
}

# A stage includes its own and earlier ones.
STAGES = ("gst", "report", "clock", "frame", "pipeline", "lane", "output", "capture")
SEEN_BY = {
    "gst": {"gst", "report"},
    "report": {"gst", "report"},
    "clock": {"gst", "report", "clock"},
    "frame": {"gst", "report", "clock", "frame"},
    "pipeline": {"gst", "report", "clock", "frame", "pipeline"},
    "lane": {"gst", "report", "clock", "frame", "pipeline", "lane"},
    "output": {"gst", "report", "clock", "frame", "pipeline", "lane", "output"},
    "capture": {"gst", "report", "clock", "frame", "pipeline", "lane", "output", "capture"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)

python_files = sorted(path for path in PYTHON.rglob("*.py") if "cli" not in path.relative_to(PYTHON).parts)
core_files = sorted([*CORE.rglob("*.h"), *CORE.rglob("*.cpp")])
every_file = [*python_files, *core_files, *sorted((ROOT / "cpp" / "bindings").glob("*.[ch]*"))]


def short(path):
    return str(path.relative_to(ROOT))


def imported(path):
    """Names of the modules a file imports when it runs, not what only a type checker sees."""
    tree = ast.parse(path.read_text())
    hidden = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_there_is_something_to_look_at():
    assert len(python_files) > 20
    assert len(core_files) > 20


@pytest.mark.parametrize("path", python_files, ids=short)
def test_only_what_runs_things_sees_the_core(path):
    sees_core = any(name == "skyline._core" or name.startswith("skyline._core.") for name in imported(path))
    assert not sees_core or str(path.relative_to(PYTHON)) in RUNNING


def test_the_list_of_what_runs_things_is_not_longer_than_it_must_be():
    for name in RUNNING:
        assert any(found.startswith("skyline._core") for found in imported(PYTHON / name)), name


@pytest.mark.parametrize("path", sorted((PYTHON / "sinks").glob("*.py")), ids=short)
def test_sinks_do_not_see_each_other_or_anything_that_runs(path):
    is_list = path.name == "__init__.py"
    running = {f"skyline.{Path(name).stem}" for name in RUNNING} - {"skyline.__init__"}
    for name in imported(path):
        module = name.rpartition(".")[0]
        is_base = module in {"skyline.sinks.sink", "skyline.sinks.network", "skyline.sinks.raw_sink"}
        assert is_list or is_base or not module.startswith("skyline.sinks"), name
        assert module not in running, name


@pytest.mark.parametrize("path", core_files, ids=short)
def test_the_core_includes_only_along_the_way_of_a_frame(path):
    stage = path.relative_to(CORE).parts[0]
    for quoted, angled in INCLUDE.findall(path.read_text()):
        assert not re.search(r"Python\.h|pybind11|numpy", quoted + angled), f"{quoted or angled} knows Python"
        folder = quoted.partition("/")[0]
        if folder in STAGES and "/" in quoted:
            assert folder in SEEN_BY[stage], f"{stage} includes {quoted}"


@pytest.mark.parametrize("path", every_file, ids=short)
def test_no_file_is_too_long_to_read(path):
    lines = len(path.read_text().splitlines())
    assert lines <= 400


@pytest.mark.parametrize("path", python_files, ids=short)
def test_a_module_of_ours_has_one_subject(path):
    assert len(path.read_text().splitlines()) <= 200
    assert path.stem not in {"utils", "helpers", "common", "manager", "misc"}
