"""The tree of errors: which class, which words, which attributes."""

import copy
import errno
import pickle

import pytest

from skyline import errors
from skyline.errors import make_error

NO_SUCH_DIRECTORY = {
    "element": "filesink",
    "domain": "resource",
    "code": 6,
    "message": 'Could not open file "/a/b.mp4" for writing.',
    "debug": "gstfilesink.c(458): gst_file_sink_open_file ():\nsystem error: No such file or directory",
    "description": "appsrc ! filesink",
}


def test_bus_error_reads_as_element_message_and_cause():
    error = make_error("PipelineError", "unused", NO_SUCH_DIRECTORY)
    assert str(error) == 'filesink: Could not open file "/a/b.mp4" for writing: No such file or directory'
    assert isinstance(error, errors.ResourceError)
    assert isinstance(error, OSError)
    assert error.errno == errno.ENOENT
    assert (error.element, error.domain, error.code) == ("filesink", "resource", 6)
    assert error.message == NO_SUCH_DIRECTORY["message"]
    assert error.debug == NO_SUCH_DIRECTORY["debug"]
    assert error.description == "appsrc ! filesink"


@pytest.mark.parametrize(
    ("domain", "code", "debug", "expected"),
    [
        ("core", 7, "", errors.NegotiationError),
        ("core", 10, "", errors.NegotiationError),
        ("core", 5, "", errors.PipelineError),
        ("parse", 3, "", errors.NegotiationError),
        ("parse", 0, "", errors.PipelineError),
        ("stream", 1, "streaming stopped, reason not-negotiated (-4)", errors.NegotiationError),
        ("stream", 1, "streaming stopped, reason error (-5)", errors.StreamError),
        ("library", 5, "", errors.LibraryError),
        ("resource", 1, "", errors.ResourceError),
        ("something new", 1, "", errors.PipelineError),
    ],
)
def test_domain_and_code_choose_the_class(domain, code, debug, expected):
    error = make_error("PipelineError", "m", {"element": "e", "domain": domain, "code": code, "debug": debug})
    assert type(error) is expected


@pytest.mark.parametrize(
    ("code", "debug", "expected"),
    [
        (14, "", errno.ENOSPC),
        (3, "", errno.ENOENT),
        (15, "", errno.EACCES),
        (6, "system error: Permission denied", errno.EACCES),
        (6, "system error: Is a directory", errno.EISDIR),
        (6, "system error: Read-only file system", errno.EROFS),
        (10, "Error while writing to file descriptor 6: Input/output error", errno.EIO),
        (1, "", None),
    ],
)
def test_errno_tells_the_cause(code, debug, expected):
    error = make_error("PipelineError", "m", {"element": "e", "domain": "resource", "code": code, "debug": debug})
    assert isinstance(error, errors.ResourceError)
    assert error.errno == expected


def test_missing_element_says_how_to_install_it():
    error = make_error("MissingElementError", "", {"element": "x264enc"})
    assert isinstance(error, errors.MissingElementError)
    assert isinstance(error, LookupError)
    assert error.element == "x264enc"
    assert error.hint == "apt install gstreamer1.0-plugins-ugly"
    assert str(error).endswith("install it with: sudo apt install gstreamer1.0-plugins-ugly")


def test_missing_element_of_unknown_package_gives_no_wrong_hint():
    error = make_error("MissingElementError", "", {"element": "nosuchelement"})
    assert isinstance(error, errors.MissingElementError)
    assert error.hint == ""
    assert str(error) == 'GStreamer has no element "nosuchelement"'


@pytest.mark.parametrize(
    ("kind", "base"), [("FrameError", ValueError), ("SinkError", ValueError), ("StateError", RuntimeError)]
)
def test_plain_kinds_are_also_python_s_own(kind, base):
    error = make_error(kind, "what came", {})
    assert type(error) is getattr(errors, kind)
    assert isinstance(error, base)
    assert isinstance(error, errors.SkyLineError)
    assert str(error) == "what came"


@pytest.mark.parametrize("again", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
@pytest.mark.parametrize(
    "error",
    [
        make_error("PipelineError", "", NO_SUCH_DIRECTORY),
        make_error("PipelineError", "", {**NO_SUCH_DIRECTORY, "domain": "library"}),
        make_error("MissingElementError", "", {"element": "x264enc"}),
        make_error("FrameError", "text", {}),
    ],
)
def test_errors_survive_copies_and_pickle(error, again):
    copied = again(error)
    assert type(copied) is type(error)
    assert str(copied) == str(error)
    assert vars(copied) == vars(error)
    assert getattr(copied, "errno", None) == getattr(error, "errno", None)


def test_cause_is_not_said_twice():
    fields = {**NO_SUCH_DIRECTORY, "message": "No such file or directory"}
    assert str(make_error("PipelineError", "", fields)) == "filesink: No such file or directory"
