"""Memory of ours for one frame, which the caller fills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skyline.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    import numpy.typing as npt
    from typing_extensions import Self

    from skyline import _core


class Slot:
    """One frame to fill, as a ``with`` block: leaving it pushes the frame, an exception in it does not.

    Dropped without a block, it is discarded. After the block ``array`` is read-only; views taken of it
    before stay writable, and each keeps this memory out of the pool.
    """

    def __init__(self, slot: _core.Slot, commit: Callable[[_core.Slot], bool]) -> None:
        self._slot = slot
        self._commit = commit
        self._is_over = False
        self._was_taken = False

    @property
    def array(self) -> npt.NDArray[Any]:
        """``(height, width[, channels])`` in the stream's format. Holds anything at first: fill all of it."""
        return self._slot.array

    @property
    def was_taken(self) -> bool:
        """After the block: whether the frame went in. False where it was dropped or discarded."""
        return self._was_taken

    def discard(self) -> None:
        """Push nothing when the block is left."""
        if not self._is_over:
            self._is_over = True
            self._slot.discard()

    def __enter__(self) -> Self:
        if self._is_over:
            message = "this slot was pushed or discarded; acquire another for the next frame"
            raise StateError(message)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.discard()
        elif not self._is_over:
            self._is_over = True
            self._was_taken = self._commit(self._slot)
