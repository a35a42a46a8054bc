"""What every test gets: GStreamer made strict, markers, and the invariants after each test that runs pipelines."""

import os

# GLib reads this when it is loaded, which is when skyline._core is: a CRITICAL ends the run, with all stacks.
os.environ.setdefault("G_DEBUG", "fatal-criticals")
# A socket of GIO's asks for the proxy settings of a desktop, in a thread that stays.
os.environ.setdefault("GSETTINGS_BACKEND", "memory")
# cv2's pool of threads would look like a leak of ours.
os.environ.setdefault("OPENCV_FOR_THREADS_NUM", "1")

import secrets
import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import programs

if TYPE_CHECKING:
    from tests import invariants

# A shell ignores SIGINT for what it starts in the background, and so would every child that a test interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

FAIL_WITHOUT_ELEMENTS = os.environ.get("FAIL_WITHOUT_ELEMENTS", "") not in {"", "0"}
_SANITIZED = any(name in os.environ.get("LD_PRELOAD", "") for name in ("libasan", "libtsan"))
_RUNNING = ("pipeline", "peers")  # the folders whose tests run pipelines

_planted: list[str] = []
_failed = pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    for marker in (
        "needs_elements(*names): skipped where GStreamer lacks one of them; fails with FAIL_WITHOUT_ELEMENTS=1",
        "needs_program(*names): likewise for programs",
        "needs_system_python(*modules): likewise for modules of the system's own interpreter",
        "no_sanitizer(reason): cannot run in a sanitized process",
        "leaves_threads(reason): a pipeline stays stuck on purpose, so threads and descriptors are not compared",
    ):
        config.addinivalue_line("markers", marker)
    # Hypothesis looks at it while it reports a failure, and a warning there would end the run without the report.
    config.addinivalue_line("filterwarnings", "ignore:mypy_extensions.TypedDict is deprecated:DeprecationWarning")


def runs_pipelines(path: Path) -> bool:
    return path.parent.name in _RUNNING


def need_elements(*names: str) -> None:
    """Skip the running test where GStreamer lacks an element; fail it with FAIL_WITHOUT_ELEMENTS=1."""
    from skyline import _core

    if missing := [name for name in names if _core.find_element(name) is None]:
        _go_without(f"GStreamer has no element {', '.join(missing)}")


def need_program(*names: str) -> None:
    """Likewise for programs."""
    if missing := [name for name in names if programs.find_program(name) is None]:
        _go_without(f"not installed: {', '.join(missing)}")


def need_system_python(*modules: str) -> None:
    """Likewise for modules of the system's own interpreter."""
    if missing := [module for module in modules if not programs.is_in_system_python(module)]:
        _go_without(f"{programs.SYSTEM_PYTHON} has no {', '.join(missing)}")


def _go_without(message: str) -> None:
    if FAIL_WITHOUT_ELEMENTS:
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if _SANITIZED and (marker := item.get_closest_marker("no_sanitizer")):
        pytest.skip(f"not in a sanitized process: {marker.args[0]}")
    for marker in item.iter_markers("needs_elements"):
        need_elements(*marker.args)
    for marker in item.iter_markers("needs_program"):
        need_program(*marker.args)
    for marker in item.iter_markers("needs_system_python"):
        need_system_python(*marker.args)


@pytest.fixture
def planted_secret() -> str:
    """A secret of this test's own. Use it as a password or key: the test fails where it is printed or logged (I5)."""
    secret = f"canary-{secrets.token_hex(8)}"
    _planted.append(secret)
    return secret


@pytest.fixture(scope="session")
def stream_watch() -> Iterator["invariants.StreamWatch"]:
    from tests import invariants

    watch = invariants.StreamWatch()
    watch.install()
    invariants.warm_up()
    watch.take()
    yield watch
    # The threads of GStreamer's pool, which a single test does not wait for.
    if left := invariants.settle(lambda: [name for name in invariants.all_threads().values() if ":" in name]):
        pytest.fail(f"I3: after the last test streaming threads are left: {left}", pytrace=False)


@pytest.fixture(autouse=True)
def _invariants(request: pytest.FixtureRequest) -> Iterator[None]:
    if not runs_pipelines(request.path):
        yield
        return
    from tests import invariants

    watch: invariants.StreamWatch = request.getfixturevalue("stream_watch")
    watch.take()
    before = invariants.Resources()
    yield
    broken = list(invariants.wrong_books(watch.take()))
    # The traceback of a test that failed holds its streams: that is no news.
    if not request.node.stash.get(_failed, False) and request.node.get_closest_marker("leaves_threads") is None:
        broken += invariants.settle(before.grown)
    if broken:
        pytest.fail("after the test:\n" + "\n".join(broken), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Look at what the test printed, which is known only here, without taking it from the report."""
    report = yield
    if call.when == "call":
        item.stash[_failed] = report.failed
    if call.when == "teardown":
        broken = _said_too_much(report) if runs_pipelines(item.path) else []
        _planted.clear()
        if broken and report.passed:
            report.outcome = "failed"
            report.longrepr = "after the test:\n" + "\n".join(broken)
    return report


def _said_too_much(report: pytest.TestReport) -> list[str]:
    from tests import invariants

    broken = [f"I4: GLib complained: {line}" for line in invariants.complaints(report.capstderr)]
    said = "\n".join(text for _, text in report.sections)
    broken += [f"I5: a planted secret was printed or logged: {secret}" for secret in _planted if secret in said]
    return broken
