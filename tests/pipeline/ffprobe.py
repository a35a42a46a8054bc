"""What ffprobe, which is none of ours, finds in a file."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class VideoFacts:
    """The first video stream of a file, every frame of it decoded."""

    codec: str
    pixel_format: str
    width: int
    height: int
    times_s: tuple[float, ...]  # of the decoded frames, in order
    duration_s: float  # of the file

    @property
    def frames(self) -> int:
        return len(self.times_s)


def look(path: Path) -> VideoFacts:
    """Decode the whole file; a complaint of the decoder fails the test."""
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-of", "json"]
    command += [
        "-show_entries",
        "stream=codec_name,pix_fmt,width,height:format=duration:frame=best_effort_timestamp_time",
    ]
    told = subprocess.run([*command, str(path)], capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0, told.stderr
    assert told.stderr == "", told.stderr
    facts = json.loads(told.stdout)
    stream = facts["streams"][0]
    return VideoFacts(
        codec=stream["codec_name"],
        pixel_format=stream["pix_fmt"],
        width=stream["width"],
        height=stream["height"],
        times_s=tuple(float(frame["best_effort_timestamp_time"]) for frame in facts["frames"]),
        duration_s=float(facts["format"]["duration"]),
    )
