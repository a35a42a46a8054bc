"""Silent sound for platforms that take no stream without."""

from skyline.elements import Element, PropertyValue, caps_filter

AAC_ENCODERS = ("voaacenc", "avenc_aac", "fdkaacenc")
"""In the order in which they are tried; each has its bitrate in bit/s."""

# A live source says that it cannot wait, and a muxer that waits for the other stream complains. One buffer: what may
# pile up is bounded elsewhere.
_MAY_WAIT = Element("queue", {"max-size-buffers": 1, "max-size-bytes": 0, "max-size-time": 0})

_RATE = 44_100  # what every platform takes
_SAMPLES_PER_FRAME = 1024  # of AAC


def silent_aac() -> tuple[Element, ...]:
    """Silence as AAC, in real time; the encoder stands for whichever of its kind is installed."""
    source: dict[str, PropertyValue] = {"wave": "silence", "samplesperbuffer": _SAMPLES_PER_FRAME}
    return (
        Element("audiotestsrc", source),
        # And not is-live, which would begin now: sound for pictures that have waited for a peer comes at once.
        Element("clocksync"),
        caps_filter(f"audio/x-raw,rate={_RATE},channels=2"),
        Element(AAC_ENCODERS[0], {"bitrate": 64_000}),
        Element("aacparse"),
        _MAY_WAIT,
    )
