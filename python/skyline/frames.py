"""What counts as a frame, and how it becomes a numpy array without copying."""

from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from skyline.errors import FrameError


class HasArrayInterface(Protocol):
    """Memory described by numpy's ``__array_interface__``."""

    @property
    def __array_interface__(self) -> dict[str, Any]: ...


class HasDLPack(Protocol):
    """A tensor of another library, e.g. PyTorch; only in the memory of the CPU."""

    def __dlpack__(self) -> Any: ...
    def __dlpack_device__(self) -> tuple[int, int]: ...


Frame: TypeAlias = npt.NDArray[Any] | memoryview | bytes | bytearray | HasArrayInterface | HasDLPack
"""An array ``(height, width[, channels])``, or anything that shows its memory as one."""

ACCEPTED = "a numpy array (height, width[, channels]), a buffer of that shape, __array_interface__ or CPU DLPack"

_CPU_DEVICES = (1, 3)  # DLPack: kDLCPU and kDLCUDAHost, which is pinned memory of the host


def as_array(frame: object) -> npt.NDArray[Any]:
    """The frame's memory as a plain array. Borrows it; shape, type and strides are not judged here.

    Raises:
        FrameError: Not an array and nothing that can be seen as one without guessing.
    """
    if type(frame) is np.ndarray:
        array = frame
    elif isinstance(frame, np.ma.MaskedArray):
        msg = "frame is a masked array; say what masked pixels become: pass frame.filled(0)"
        raise FrameError(msg)
    elif isinstance(frame, np.ndarray):
        array = frame.view(np.ndarray)
    else:
        array = _foreign(frame)
    if array.dtype.hasobject:
        msg = f"frame is an array of Python objects ({array.dtype}), expected {ACCEPTED}"
        raise FrameError(msg)
    return array


def _foreign(frame: object) -> npt.NDArray[Any]:
    kind = type(frame).__name__
    if frame is None:
        msg = f"frame is None (does the camera still deliver?), expected {ACCEPTED}"
        raise FrameError(msg)
    if isinstance(frame, (str, int, float, complex, list, tuple, dict, set)):
        msg = f"frame is a {kind}, expected {ACCEPTED}; np.asarray() makes one"
        raise FrameError(msg)
    if hasattr(frame, "__cuda_array_interface__"):
        msg = f"frame is a {kind} in GPU memory; pass frame.cpu() or its copy in numpy"
        raise FrameError(msg)
    try:
        if hasattr(frame, "__dlpack__"):
            return _from_dlpack(frame, kind)
        if hasattr(frame, "__array_interface__") or hasattr(frame, "__array__"):
            return np.asarray(frame)
        return np.asarray(memoryview(frame))  # type: ignore[arg-type]  # a buffer, or it raises
    except FrameError:
        raise
    except TypeError as error:
        msg = f"frame is a {kind}, expected {ACCEPTED}"
        raise FrameError(msg) from error
    except (ValueError, BufferError, RuntimeError, AttributeError) as error:
        msg = f"frame is a {kind} whose memory cannot be read ({error}), expected {ACCEPTED}"
        raise FrameError(msg) from error


def _from_dlpack(frame: Any, kind: str) -> npt.NDArray[Any]:
    device, _ = frame.__dlpack_device__()
    if device not in _CPU_DEVICES:
        msg = f"frame is a {kind} on a device (DLPack device type {int(device)}); pass frame.cpu()"
        raise FrameError(msg)
    return np.from_dlpack(frame)
