"""What counts as a frame, and that seeing it copies nothing."""

import array

import numpy as np
import pytest

from skyline.errors import FrameError
from skyline.frames import as_array


class Interface:
    """Memory behind numpy's array interface, as PIL and friends have it."""

    def __init__(self, held):
        self.held = held

    @property
    def __array_interface__(self):
        return self.held.__array_interface__


class Tensor:
    """What a tensor library shows by DLPack."""

    def __init__(self, held, device=1):
        self.held = held
        self.device = device

    def __dlpack_device__(self):
        return (self.device, 0)

    def __dlpack__(self, **options):
        return self.held.__dlpack__(**options)


class Cuda:
    __cuda_array_interface__ = {"shape": (2, 2)}


@pytest.fixture
def picture():
    return np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)


def test_an_array_is_itself(picture):
    assert as_array(picture) is picture


@pytest.mark.parametrize(
    "see",
    [
        memoryview,
        Interface,
        Tensor,
        lambda held: held.view(np.recarray),
        lambda held: held[:, ::-1],
        lambda held: memoryview(held.tobytes()).cast("B", held.shape),
    ],
    ids=["memoryview", "array interface", "DLPack", "subclass", "strides", "bytes with a shape"],
)
def test_other_memory_is_seen_as_it_is(picture, see):
    seen = see(picture)
    expected = picture[:, ::-1] if isinstance(seen, np.ndarray) and seen.strides[1] < 0 else picture
    found = as_array(seen)
    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("see", [memoryview, Interface, Tensor, lambda held: held.view(np.recarray)])
def test_nothing_is_copied(picture, see):
    assert np.shares_memory(as_array(see(picture)), picture)


def test_a_matrix_is_a_picture():
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.matrix(np.ones((4, 6), np.uint8))
    found = as_array(matrix)
    assert type(found) is np.ndarray
    assert found.shape == (4, 6)


def test_flat_bytes_are_one_dimension():
    assert as_array(bytes(12)).shape == (12,)
    assert as_array(bytearray(12)).shape == (12,)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (None, "does the camera still deliver"),
        ("frame.png", "is a str"),
        ([[1, 2], [3, 4]], r"is a list.*np.asarray"),
        ((1, 2), "is a tuple"),
        (5, "is a int"),
        (object(), "is a object"),
        (np.ma.zeros((4, 6, 3), np.uint8), "masked array"),
        (np.array([[None, 1]], object), "Python objects"),
        (Cuda(), r"GPU.*cpu\(\)"),
        (Tensor(np.zeros((2, 2), np.uint8), device=2), r"device.*cpu\(\)"),
    ],
)
def test_what_is_no_frame_says_what_came_and_what_to_do(frame, words):
    with pytest.raises(FrameError, match=words):
        as_array(frame)


def test_released_memory_is_refused():
    view = memoryview(b"abcd")
    view.release()
    with pytest.raises(FrameError, match="memoryview"):
        as_array(view)


def test_a_broken_interface_is_a_frame_error():
    class Broken:
        __array_interface__ = {"shape": (2, 2)}

    with pytest.raises(FrameError, match="Broken"):
        as_array(Broken())


def test_other_buffers_are_seen():
    assert as_array(array.array("B", [1, 2, 3])).tolist() == [1, 2, 3]
