"""YUV as the standards write it, in float64: what every conversion is judged by, in its own matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

_RED_AND_BLUE = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722)}
_CHANNELS = {"BGR": 3, "BGRA": 4, "GRAY8": 1}


def smooth(width: int, height: int) -> Any:
    """A BGR frame of broad, slow colours.

    How a converter places and filters chroma hardly shows in it, so that one reference serves all of them; a wrong
    matrix or range does show, at once.
    """
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    waves = [np.sin(5 * x + 3 * y), np.sin(4 * x - 6 * y + 1), np.sin(7 * y - 2 * x + 2)]
    return np.stack([(127.5 + 127 * wave).round().astype(np.uint8) for wave in waves], axis=2)


def to_format(bgr: Any, format: str) -> Any:
    """The BGR frame in one of the packed formats, as it comes from a camera: gray is green, alpha opaque."""
    if format == "GRAY8":
        return np.ascontiguousarray(bgr[:, :, 1])
    if format == "BGRA":
        return np.dstack([bgr, np.full(bgr.shape[:2], 255, np.uint8)])
    return bgr


def planes_of(frame: Any, format: str, matrix: str) -> list[Any]:
    """Y, Cb and Cr of a packed frame, not rounded: limited range, chroma the mean of two by two pixels."""
    kr, kb = _RED_AND_BLUE[matrix]
    shaped = frame.reshape(*frame.shape[:2], -1).astype(np.float64)
    blue, green, red = (
        (shaped[:, :, min(n, shaped.shape[2] - 1)] for n in range(3)) if format != "GRAY8" else (shaped[:, :, 0],) * 3
    )
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    chroma = [(blue - luma) / (1 - kb), (red - luma) / (1 - kr)]
    height, width = luma.shape
    means = [plane.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3)) for plane in chroma]
    return [16 + 219 / 255 * luma, *(128 + 112 / 255 * mean for mean in means)]


def packed_of(planes: list[Any], format: str, matrix: str) -> Any:
    """The packed frame of three planes, not rounded: each chroma sample for its two by two pixels."""
    kr, kb = _RED_AND_BLUE[matrix]
    luma = (planes[0].astype(np.float64) - 16) * 255 / 219
    blue_less, red_less = (
        (plane.astype(np.float64) - 128).repeat(2, 0).repeat(2, 1) * 255 / 112 for plane in planes[1:]
    )
    if format == "GRAY8":
        return luma.clip(0, 255)
    blue, red = luma + blue_less * (1 - kb), luma + red_less * (1 - kr)
    green = (luma - kr * red - kb * blue) / (1 - kr - kb)
    alpha = [np.full(luma.shape, 255.0)] if format == "BGRA" else []
    return np.stack([blue, green, red, *alpha], axis=2).clip(0, 255)


def split(data: Any, format: str, width: int, height: int) -> list[Any]:
    """Y, Cb and Cr of tight I420 or NV12 bytes."""
    size, half = width * height, (height // 2, width // 2)
    luma, rest = data[:size].reshape(height, width), data[size:]
    if format == "NV12":
        pairs = rest.reshape(*half, 2)
        return [luma, pairs[:, :, 0], pairs[:, :, 1]]
    return [luma, *rest.reshape(2, *half)]


def join(planes: list[Any], format: str) -> Any:
    """Tight I420 or NV12 bytes of three planes: the opposite of ``split``."""
    luma, blue, red = (plane.round().astype(np.uint8) for plane in planes)
    chroma = [np.stack([blue, red], axis=2)] if format == "NV12" else [blue, red]
    return np.concatenate([luma.ravel(), *(plane.ravel() for plane in chroma)])


def channels(format: str) -> int:
    """Bytes of a pixel of a packed format."""
    return _CHANNELS[format]


@dataclass(frozen=True)
class Distance:
    """How far codes are from the reference: the worst of them, and the PSNR in dB."""

    worst: float
    psnr: float

    def __str__(self) -> str:
        return f"worst {self.worst:.1f} codes, {self.psnr:.0f} dB"


def distance(codes: list[Any], reference: list[Any]) -> Distance:
    """Between planes (or frames) of the same shapes, all together."""
    errors = np.concatenate([(code - wanted).ravel() for code, wanted in zip(codes, reference, strict=True)])
    mean_square = float(np.mean(errors**2))
    return Distance(float(np.abs(errors).max()), 10 * np.log10(255**2 / max(mean_square, 1e-12)))
