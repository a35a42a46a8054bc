"""A moving picture drawn with OpenCV: what ``demo`` records and ``record test`` and ``stream test`` read."""

import math
from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt

# BGR.
_AMBER = (40, 180, 255)
_WHITE = (245, 245, 245)
_TEAL = (170, 160, 40)


class DrawnPicture:
    """Shapes that move, the frame's number and its time, on a gradient.

    Everything is a function of the frame's number, so frame 100 looks the same in every recording.
    """

    def __init__(self, *, width: int, height: int, fps: Fraction) -> None:
        self.width = width
        self.height = height
        self.fps = fps
        down = np.linspace(50, 110, height)[:, None]
        across = np.linspace(0, 60, width)[None, :]
        self._background = np.stack([down + across, down * 0.7 + across * 0.4, down * 0.5 + 0 * across], axis=2)
        self._background = self._background.astype(np.uint8)

    def draw(self, number: int, frame: npt.NDArray[np.uint8]) -> None:
        """Draw frame ``number`` into ``frame``, ``(height, width, 3)`` uint8 BGR."""
        time_s = float(number / self.fps)
        unit = min(self.width, self.height) / 12
        thickness = max(1, round(unit / 12))
        np.copyto(frame, self._background)
        self._draw_ball(frame, time_s, unit)
        self._draw_hand(frame, time_s, unit, thickness)
        self._draw_sweep(frame, time_s)
        minutes, seconds = divmod(time_s, 60)
        text = f"frame {number:05d}   {int(minutes):02d}:{seconds:06.3f}"
        self._draw_text(frame, text, unit, thickness)

    def _draw_ball(self, frame: npt.NDArray[np.uint8], time_s: float, unit: float) -> None:
        x = self.width / 2 + (self.width / 2 - 2 * unit) * math.sin(1.3 * time_s)
        y = self.height / 2 + (self.height / 2 - 2 * unit) * math.sin(1.9 * time_s)
        cv2.circle(frame, (round(x), round(y)), max(1, round(1.5 * unit)), _AMBER, cv2.FILLED, cv2.LINE_AA)

    def _draw_hand(self, frame: npt.NDArray[np.uint8], time_s: float, unit: float, thickness: int) -> None:
        centre = (round(self.width - 2.5 * unit), round(2.5 * unit))
        angle = 2 * math.pi * time_s - math.pi / 2  # one turn a second, from twelve o'clock
        tip = (round(centre[0] + 1.6 * unit * math.cos(angle)), round(centre[1] + 1.6 * unit * math.sin(angle)))
        cv2.circle(frame, centre, max(1, round(1.8 * unit)), _WHITE, thickness, cv2.LINE_AA)
        cv2.line(frame, centre, tip, _WHITE, thickness, cv2.LINE_AA)

    def _draw_sweep(self, frame: npt.NDArray[np.uint8], time_s: float) -> None:
        width = max(1, self.width // 60)
        left = round(time_s * self.width / 4) % self.width  # from side to side in four seconds
        frame[self.height * 9 // 10 :, left : left + width] = _TEAL

    def _draw_text(self, frame: npt.NDArray[np.uint8], text: str, unit: float, thickness: int) -> None:
        scale = unit / 30
        cv2.putText(
            frame, text, (round(unit), round(2 * unit)), cv2.FONT_HERSHEY_SIMPLEX, scale, _WHITE, thickness, cv2.LINE_AA
        )
