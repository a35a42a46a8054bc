"""A pipeline of your own: derive from SkyLine and say what GStreamer shall run.

python own_pipeline.py [path]
"""

import sys

import numpy as np

import skyline


class LosslessRecorder(skyline.SkyLine):
    """Writes every pixel as it is, with elements of one's own choice."""

    def __init__(self, path: str) -> None:
        super().__init__(fps=25, clock="fixed")  # frame n is at n / 25, however fast it is put
        self.path = path

    def _get_pipeline(self, fps: float, width: int, height: int) -> str:
        # Launch text is code. For a path from a stranger use skyline.open, where it can only be a path.
        return f'appsrc ! videoconvert ! video/x-raw,format=I420 ! avenc_ffv1 ! matroskamux ! filesink location="{self.path}"'


recorder = LosslessRecorder(sys.argv[1] if sys.argv[1:] else "lossless.mkv")
recorder.start_streaming(width=320, height=240)
for number in range(50):
    frame = np.full((240, 320, 3), 5 * number, np.uint8)
    if not recorder.put(frame):
        sys.exit(f"the frame was not taken: {recorder.last_error}")
recorder.stop_streaming()  # waits for the end of the stream, so the file is whole
