"""Record a camera until Ctrl-C, every frame at the time it came.

python camera_to_file.py [camera number or video file] [path]
"""

import sys

import cv2

import skyline

source = sys.argv[1] if sys.argv[1:] else "0"
path = sys.argv[2] if sys.argv[2:] else "camera.mp4"

camera = cv2.VideoCapture(int(source) if source.isdecimal() else source)
if not camera.isOpened():
    sys.exit(f"cannot open {source}")

# No fps: a camera slows down in the dark, and its frames keep their own times.
with skyline.open(path) as sky:
    try:
        while True:
            is_there, frame = camera.read()
            if not is_there:
                break
            sky.put(frame)
    except KeyboardInterrupt:
        print("stopping")
print(path, sky.stats(), sep="\n")
