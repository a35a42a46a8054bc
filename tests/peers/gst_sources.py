"""How a GStreamer user receives each protocol: launch text from the network to raw video, for GstReceiver."""

# Word for word what receivers of RTP have in their scripts.
RTP_H264_CAPS = (
    "application/x-rtp, media=(string)video, clock-rate=(int)90000, encoding-name=(string)H264, payload=(int)96"
)


def rtp_h264(port: int) -> str:
    """As in those scripts: without a jitter buffer, so a frame's time is that of its arrival."""
    return f'udpsrc address=127.0.0.1 port={port} caps="{RTP_H264_CAPS}" ! rtph264depay ! decodebin'


def rtp(port: int, encoding: str, payload: int = 96) -> str:
    """Of any encoding, as ``VP8``, names in RTP's spelling; a frame's time is the sender's."""
    caps = f"application/x-rtp,media=video,clock-rate=90000,encoding-name={encoding},payload={payload}"
    return f'udpsrc address=127.0.0.1 port={port} caps="{caps}" ! rtpjitterbuffer latency=100 ! decodebin'


def mpeg_ts(port: int) -> str:
    return f"udpsrc address=127.0.0.1 port={port} ! tsparse ! decodebin"


def rtsp(url: str, *, protocols: str = "tcp", latency_ms: int = 0) -> str:
    return f'rtspsrc location="{url}" protocols={protocols} latency={latency_ms} ! decodebin'


def srt_caller(port: int, *, latency_ms: int = 120, passphrase: str | None = None) -> str:
    secret = "" if passphrase is None else f' passphrase="{passphrase}"'
    return f'srtsrc uri="srt://127.0.0.1:{port}?mode=caller" latency={latency_ms}{secret} ! tsparse ! decodebin'


def srt_listener(port: int, *, latency_ms: int = 120, passphrase: str | None = None) -> str:
    secret = "" if passphrase is None else f' passphrase="{passphrase}"'
    return f'srtsrc uri="srt://127.0.0.1:{port}?mode=listener" latency={latency_ms}{secret} ! tsparse ! decodebin'
