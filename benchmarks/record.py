"""1080p BGR frames to an H.264 MP4 (x264 ultrafast, zerolatency): Skyline beside cv2.VideoWriter.

Both run the same launch text. cv2 with GStreamer comes from Debian (python3-opencv) and belongs to the
system's Python, so each rival runs in a worker process of its own, one frame set, in turn.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from interleaved import Rival, compare, report

WIDTH, HEIGHT, FRAMES, FPS = 1920, 1080, 150, 30
# cv2 sets no caps on x264enc's input: without the I420 here it would make High 4:4:4, which is more work.
DESCRIPTION = (
    "appsrc ! videoconvert ! video/x-raw,format=I420 ! x264enc tune=zerolatency speed-preset=ultrafast bitrate=8000"
    " ! h264parse ! mp4mux ! filesink location={path}"
)
WORKERS = Path(__file__).with_name("record_workers.py")


class Worker:
    """A process that records the frames once for each line it is sent, and answers with the seconds it took."""

    def __init__(self, python: str, rival: str, path: Path) -> None:
        arguments = [
            python,
            str(WORKERS),
            rival,
            str(WIDTH),
            str(HEIGHT),
            str(FRAMES),
            str(FPS),
            DESCRIPTION.format(path=path),
            str(path),
        ]
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.path = path

    def run(self) -> float:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the worker {self.process.args!r} died")
        return float(answer) / FRAMES

    def check(self) -> None:
        self.run()
        probe = [
            "ffprobe",
            "-v",
            "error",
            "-count_frames",
            "-show_entries",
            "stream=codec_name,pix_fmt,nb_read_frames",
            "-of",
            "json",
        ]
        stream = json.loads(subprocess.check_output([*probe, str(self.path)]))["streams"][0]
        if stream != {"codec_name": "h264", "pix_fmt": "yuv420p", "nb_read_frames": str(FRAMES)}:
            raise AssertionError(f"{self.path}: {stream}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path, help="folder for the results")
    parser.add_argument("--system-python", default="/usr/bin/python3", help="the Python of Debian's python3-opencv")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workers = {
            "cv2.VideoWriter, the same description": Worker(options.system_python, "cv2", Path(folder) / "cv2.mp4"),
            "skyline.PipelineSkyLine": Worker(sys.executable, "pipeline", Path(folder) / "pipeline.mp4"),
            "skyline.open(path)": Worker(sys.executable, "file", Path(folder) / "file.mp4"),
        }
        rivals = [Rival(name, worker.run, worker.check) for name, worker in workers.items()]
        ratios = compare(rivals, base=rivals[0].name, rounds=options.rounds)
    targets = {"skyline.PipelineSkyLine": 1 / 1.8, "skyline.open(path)": 1 / 1.8}
    for ratio in ratios:
        print(f"{ratio.name}: {1 / ratio.median:.2f} times the frames per second of cv2.VideoWriter")
    met = report(
        "record 1080p to MP4, seconds per frame", ratios, targets, options.json and options.json / "record.json"
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
