"""How a lost peer is tried again, as a value."""

import pytest

from skyline.errors import SinkError
from skyline.sinks import Retry


def test_what_can_be() -> None:
    assert Retry() == Retry(first_s=0.5, most_s=1.5, max_retries=None)
    assert Retry(0, 0, 0).max_retries == 0


@pytest.mark.parametrize("field", ["first_s", "most_s"])
@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), "1", None, True])
def test_wrong_times_are_refused(field: str, value: object) -> None:
    with pytest.raises(SinkError, match=field):
        Retry(**{field: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [-1, 1.5, "3", True, 2**31])
def test_wrong_numbers_are_refused(value: object) -> None:
    with pytest.raises(SinkError, match="max_retries"):
        Retry(max_retries=value)  # type: ignore[arg-type]
