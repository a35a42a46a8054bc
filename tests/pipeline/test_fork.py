"""Processes: fork, spawn and subprocess beside a stream."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import skyline
from tests.pipeline import children
from tests.pipeline.bar_code import numbered_frame, numbers_in
from tests.pipeline.watching import black

FORKS = """
    sys.path.insert(0, sys.argv[2])
    from bar_code import numbered_frame
    def in_child(work):
        pid = os.fork()
        if pid:
            deadline = time.monotonic() + 5
            while time.monotonic() < deadline:
                done, status = os.waitpid(pid, os.WNOHANG)
                if done:
                    return os.waitstatus_to_exitcode(status)
                time.sleep(0.01)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return "hung"
        work()
"""


HERE = Path(__file__).parent


@pytest.mark.parametrize("ending", ["sys.exit", "os._exit"])
def test_a_child_forked_in_use_is_refused_and_the_parent_loses_nothing(tmp_path: Path, ending: str) -> None:
    """A child that touched an inherited pipeline would hang both."""
    text = children.program(FORKS) + children.program(
        f"""
        def work():
            began = time.monotonic()
            refused = []
            frame = numbered_frame(0)
            for call in (
                lambda: sky.put(frame), lambda: sky.lend(frame), lambda: sky.acquire().__enter__(), lambda: sky.stop_streaming(),
                lambda: skyline.open(sys.argv[1] + ".mkv", fps=30).put(frame),
            ):
                try:
                    call()
                    refused.append("accepted")
                except skyline.StateError as error:
                    refused.append("fork" in str(error))
            print(refused, f"{{time.monotonic() - began:.3f}}", flush=True)
            {ending}(17 if all(word is True for word in refused) and time.monotonic() - began < 1 else 18)

        sky = skyline.open(sys.argv[1], fps=30)
        for number in range(30):
            sky.put(numbered_frame(number))
        began = time.monotonic()
        code = in_child(work)
        print("child", code, f"{{time.monotonic() - began:.3f}}", flush=True)
        for number in range(30, 60):
            sky.put(numbered_frame(number))
        sky.stop_streaming()
        print("parent done", flush=True)
        """,
        prelude="",
    )
    ended = children.run(text, tmp_path / "film.mkv", HERE, timeout_s=20)
    assert (ended.hung, ended.returncode) == (False, 0), str(ended)
    assert "child 17" in ended.stdout, str(ended)
    assert float(ended.stdout.split("child 17")[1].split()[0]) < 2, str(ended)
    assert "parent done" in ended.stdout
    assert numbers_in(tmp_path / "film.mkv") == list(range(60))
    assert [path.name for path in tmp_path.iterdir()] == ["film.mkv"]


def test_a_child_that_drops_everything_inherited_does_not_hang(tmp_path: Path) -> None:
    """Destructors leak on purpose there: sky, tracker and slot go out of scope in the child."""
    text = children.program(FORKS) + children.program(
        """
        def work():
            global sky, tracker, slot
            import gc
            del sky, tracker, slot
            gc.collect()
            sys.exit(17)

        sky = skyline.open(sys.argv[1], fps=30, width=320, height=96)
        for number in range(30):
            tracker = sky.lend(numbered_frame(number))
        context = sky.acquire()
        slot = context.__enter__()
        slot.array[...] = numbered_frame(30)
        code = in_child(work)
        print("child", code, flush=True)
        context.__exit__(None, None, None)
        sky.stop_streaming()
        """,
        prelude="",
    )
    ended = children.run(text, tmp_path / "film.mkv", HERE, timeout_s=20)
    assert (ended.hung, ended.returncode) == (False, 0), str(ended)
    assert "child 17" in ended.stdout, str(ended)
    assert numbers_in(tmp_path / "film.mkv") == list(range(31))


def test_a_fork_before_the_first_use_works(tmp_path: Path) -> None:
    """Importing, even making the object, is not use."""
    text = children.program(FORKS) + children.program(
        """
        waiting = skyline.FileSkyLine(sys.argv[1] + ".child.mkv", fps=30)
        def work():
            with waiting as sky:
                for number in range(20):
                    sky.put(numbered_frame(number))
            sys.exit(17)
        print("child", in_child(work), flush=True)
        with skyline.open(sys.argv[1], fps=30) as sky:
            for number in range(20):
                sky.put(numbered_frame(number))
        """,
        prelude="",
    )
    ended = children.run(text, tmp_path / "film.mkv", HERE, timeout_s=20)
    assert (ended.hung, ended.returncode) == (False, 0), str(ended)
    assert "child 17" in ended.stdout, str(ended)
    assert numbers_in(tmp_path / "film.mkv") == list(range(20))
    assert numbers_in(tmp_path / "film.mkv.child.mkv") == list(range(20))


def test_subprocess_beside_a_running_stream_works(tmp_path: Path) -> None:
    """fork and exec, posix_spawn: the child is another program."""
    with skyline.open(tmp_path / "film.mkv", fps=30) as sky:
        for number in range(20):
            sky.put(numbered_frame(number))
            if number % 5 == 0:
                assert subprocess.run(["true"], check=True, timeout=10).returncode == 0
                pid = os.posix_spawn("/bin/true", ["true"], os.environ)
                assert os.waitpid(pid, 0)[1] == 0
                subprocess.run(["true"], check=True, timeout=10, preexec_fn=lambda: None)
    assert numbers_in(tmp_path / "film.mkv") == list(range(20))


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_multiprocessing_beside_a_running_stream(tmp_path: Path, method: str) -> None:
    (tmp_path / "main.py").write_text(
        children.program("""
        import multiprocessing
        sys.path.insert(0, sys.argv[2])
        from bar_code import numbered_frame
        def record(path):
            with skyline.open(path, fps=30) as sky:
                for number in range(20):
                    sky.put(numbered_frame(number))
        if __name__ == "__main__":
            context = multiprocessing.get_context(sys.argv[3])
            with skyline.open(sys.argv[1], fps=30) as sky:
                for number in range(10):
                    sky.put(numbered_frame(number))
                process = context.Process(target=record, args=[sys.argv[1] + ".child.mkv"])
                process.start()
                process.join(10)
                print("child", process.exitcode, flush=True)
                for number in range(10, 20):
                    sky.put(numbered_frame(number))
        """)
    )
    ended = _run_file(tmp_path / "main.py", tmp_path / "film.mkv", HERE, method)
    assert (ended.hung, ended.returncode) == (False, 0), str(ended)
    assert "child 0" in ended.stdout, str(ended)
    assert numbers_in(tmp_path / "film.mkv") == list(range(20))
    assert numbers_in(tmp_path / "film.mkv.child.mkv") == list(range(20))


def _run_file(path: Path, *arguments: str | Path) -> children.Ended:
    child = subprocess.Popen(
        [sys.executable, path, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    return children.finish(child, 30)


def test_a_lent_frame_comes_back_without_a_next_one() -> None:
    """A sink of GStreamer's would keep the last one it saw."""
    with skyline.PipelineSkyLine("appsrc ! videoconvert ! fakesink", fps=30) as sky:
        assert sky.lend(black()).wait(5)
