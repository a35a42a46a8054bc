"""Frames to push, and what must come out: GStreamer's raw layout and a float reference of the colours.

Written from the documents (video-info.c, ITU-R BT.601 and BT.709), not from the code under test.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

PACKED_CHANNELS = {"BGR": 3, "RGB": 3, "BGRA": 4, "RGBA": 4, "BGRx": 4, "RGBx": 4, "GRAY8": 1, "GRAY16_LE": 1}
PLANAR = ("I420", "NV12")
FORMATS = (*PACKED_CHANNELS, *PLANAR)
_BLUE_FIRST, _RED_FIRST = (2, 1, 0), (0, 1, 2)
_RED_GREEN_BLUE = {
    "BGR": _BLUE_FIRST,
    "RGB": _RED_FIRST,
    "BGRA": _BLUE_FIRST,
    "RGBA": _RED_FIRST,
    "BGRx": _BLUE_FIRST,
    "RGBx": _RED_FIRST,
}
_LUMA_WEIGHTS = {"bt601": (0.299, 0.587, 0.114), "bt709": (0.2126, 0.7152, 0.0722)}

LUMA_TOLERANCE = 0.51
CHROMA_TOLERANCE = 0.52


def random_frame(format: str, width: int, height: int, seed: int = 0) -> Array:
    """Noise with all extremes in it, in the array form that ``format`` has."""
    rng = np.random.default_rng([seed, width, height, FORMATS.index(format)])
    if format == "GRAY16_LE":
        return rng.integers(0, 65536, (height, width), np.uint16)
    if format in PLANAR:
        if width % 2 == 0 and height % 2 == 0:
            return rng.integers(0, 256, (height * 3 // 2, width), np.uint8)
        return rng.integers(0, 256, sum(rows * row for rows, row, *_ in _planes(format, width, height)), np.uint8)
    channels = PACKED_CHANNELS[format]
    frame = rng.integers(0, 256, (height, width, channels), np.uint8)
    frame[rng.random((height, width)) < 0.2] = rng.choice(np.array([0, 255], np.uint8), channels)
    return frame[:, :, 0] if channels == 1 else frame


def constant_frame(value: int, width: int = 16, height: int = 8) -> Array:
    """A BGR frame of one value, which is its number."""
    return np.full((height, width, 3), value, np.uint8)


def tight_bytes(frame: Array) -> bytes:
    """A frame's pixels without any padding, whatever its strides are."""
    return np.ascontiguousarray(frame).tobytes()


def raw_frame_bytes(format: str, width: int, height: int) -> int:
    """Bytes of one raw frame as GStreamer writes it: rows padded to four bytes."""
    return sum(all_rows * stride for _, _, stride, all_rows in _planes(format, width, height))


def raw_frames(data: bytes, format: str, width: int, height: int) -> list[bytes]:
    """What a raw file holds, as the tight bytes of each frame; the padding of GStreamer's default rows is left out."""
    size = raw_frame_bytes(format, width, height)
    assert len(data) % size == 0, f"{len(data)} bytes are not whole frames of {size}"
    return [_without_padding(data[start : start + size], format, width, height) for start in range(0, len(data), size)]


def padding_of(data: bytes, format: str, width: int, height: int) -> bytes:
    """The bytes of one raw frame that are no pixels."""
    padding = bytearray()
    for start, rows, row, stride, all_rows in _layout(format, width, height):
        for y in range(all_rows):
            line = data[start + y * stride : start + (y + 1) * stride]
            padding += line[row:] if y < rows else line
    return bytes(padding)


def _without_padding(data: bytes, format: str, width: int, height: int) -> bytes:
    pixels = np.frombuffer(data, np.uint8)
    parts = []
    for start, rows, row, stride, _ in _layout(format, width, height):
        parts.append(pixels[start : start + rows * stride].reshape(rows, stride)[:, :row].tobytes())
    return b"".join(parts)


def _layout(format: str, width: int, height: int) -> Iterator[tuple[int, int, int, int, int]]:
    """Per plane: offset, rows, bytes of a row, stride, rows including padding."""
    start = 0
    for rows, row, stride, all_rows in _planes(format, width, height):
        yield start, rows, row, stride, all_rows
        start += all_rows * stride


def _planes(format: str, width: int, height: int) -> list[tuple[int, int, int, int]]:
    """Per plane: rows, bytes of a row, GStreamer's default stride, rows including padding."""
    if format in PLANAR:
        half_width, half_height = (width + 1) // 2, (height + 1) // 2
        luma = (height, width, _up(width, 4), _up(height, 2))
        if format == "NV12":
            return [luma, (half_height, 2 * half_width, _up(width, 4), half_height)]
        return [luma, *[(half_height, half_width, _up(half_width, 4), half_height)] * 2]
    row = width * PACKED_CHANNELS[format] * (2 if format == "GRAY16_LE" else 1)
    return [(height, row, _up(row, 4), height)]


def _up(number: int, multiple: int) -> int:
    return -(-number // multiple) * multiple


def red_green_blue(frame: Array, format: str) -> Array:
    """A packed frame as float64 ``(height, width, 3)`` of 0…255."""
    if format in {"GRAY8", "GRAY16_LE"}:
        grey = frame.reshape(frame.shape[:2]) * (255 / np.iinfo(frame.dtype).max)
        return np.stack([grey, grey, grey], axis=-1)
    return frame[:, :, list(_RED_GREEN_BLUE[format])].astype(np.float64)


def pad_to_even(picture: Array) -> Array:
    """The last row and column repeated where a side is odd."""
    height, width = picture.shape[:2]
    return np.pad(picture, [(0, height % 2), (0, width % 2), (0, 0)], mode="edge")


def reference_yuv(rgb: Array, matrix: str, full_range: bool = False) -> tuple[Array, Array, Array]:
    """Y, Cb, Cr as the standards define them, in float64; chroma is the mean of 2x2 pixels, the edge repeated."""
    weights = np.array(_LUMA_WEIGHTS[matrix])
    luma = rgb @ weights
    blue = (rgb[:, :, 2] - luma) / (2 * (1 - weights[2]))
    red = (rgb[:, :, 0] - luma) / (2 * (1 - weights[0]))
    luma_scale, chroma_scale, black = (1.0, 1.0, 0.0) if full_range else (219 / 255, 224 / 255, 16.0)
    return (
        np.clip(black + luma_scale * luma, 0, 255),
        np.clip(128 + chroma_scale * _mean_of_2x2(blue), 0, 255),
        np.clip(128 + chroma_scale * _mean_of_2x2(red), 0, 255),
    )


def _mean_of_2x2(plane: Array) -> Array:
    height, width = plane.shape
    even = np.pad(plane, [(0, height % 2), (0, width % 2)], mode="edge")
    return (even[0::2, 0::2] + even[0::2, 1::2] + even[1::2, 0::2] + even[1::2, 1::2]) / 4


def split_yuv(planes: bytes | Array, format: str, width: int, height: int) -> tuple[Array, Array, Array]:
    """Y, Cb, Cr of tightly packed 4:2:0 planes."""
    data = np.frombuffer(planes, np.uint8) if isinstance(planes, bytes) else planes
    half_width, half_height = (width + 1) // 2, (height + 1) // 2
    luma, chroma = data[: width * height].reshape(height, width), data[width * height :]
    if format == "NV12":
        pairs = chroma.reshape(half_height, half_width, 2)
        return luma, pairs[:, :, 0], pairs[:, :, 1]
    blue, red = chroma.reshape(2, half_height, half_width)
    return luma, blue, red


def colour_errors(
    planes: bytes | Array, format: str, rgb: Array, matrix: str, full_range: bool = False
) -> tuple[float, float]:
    """How far 4:2:0 planes are from the reference at worst: luma, chroma."""
    height, width = rgb.shape[:2]
    luma, blue, red = split_yuv(planes, format, width, height)
    wanted_luma, wanted_blue, wanted_red = reference_yuv(rgb, matrix, full_range)
    chroma = max(np.abs(blue - wanted_blue).max(), np.abs(red - wanted_red).max())
    return float(np.abs(luma - wanted_luma).max()), float(chroma)
