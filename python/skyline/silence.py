"""Silent sound for platforms that take no stream without."""

from skyline.elements import Element, caps_filter

AAC_ENCODERS = ("voaacenc", "avenc_aac", "fdkaacenc")
"""In the order in which they are tried; each has its bitrate in bit/s."""

_RATE = 44_100  # what every platform takes
_SAMPLES_PER_FRAME = 1024  # of AAC


def silent_aac() -> tuple[Element, ...]:
    """Silence as AAC, in real time; the encoder stands for whichever of its kind is installed."""
    source = {"wave": "silence", "is-live": True, "samplesperbuffer": _SAMPLES_PER_FRAME}
    return (
        Element("audiotestsrc", source),
        caps_filter(f"audio/x-raw,rate={_RATE},channels=2"),
        Element(AAC_ENCODERS[0], {"bitrate": 64_000}),
        Element("aacparse"),
    )
