"""Fixtures of the unit tests."""

import pytest

import skyline
from tests.unit.stand_in import Recorder


@pytest.fixture
def made():
    streams = []

    def make(kind=Recorder, **given):
        streams.append(kind(**given))
        return streams[-1]

    yield make
    for one in streams:
        one._options = skyline.options.Options()
        one.stop_streaming()
