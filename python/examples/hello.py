import sys

import cv2
import numpy as np

import skyline

path = sys.argv[1] if sys.argv[1:] else "hello.mp4"
with skyline.open(path, fps=30) as sky:
    for number in range(90):
        frame = np.zeros((720, 1280, 3), np.uint8)  # BGR, as OpenCV has it
        cv2.circle(frame, (10 * number, 360), 90, (0, 200, 255), cv2.FILLED)
        sky.put(frame)  # copied: the array is yours again
