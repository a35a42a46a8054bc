"""Skyline's own recordings."""

from recording_side import serve_recorders


def by_open(frames, path, fps, codec, **encoder):
    import skyline

    with skyline.open(path, fps=fps, encoder=getattr(skyline.encoders, codec)(**encoder)) as sky:
        for frame in frames:
            sky.put(frame)


def by_lend(frames, path, fps, codec, **encoder):
    import skyline

    with skyline.open(path, fps=fps, encoder=getattr(skyline.encoders, codec)(**encoder)) as sky:
        for frame in frames:
            sky.lend(frame)


def by_description(frames, path, fps, description):
    import skyline

    with skyline.PipelineSkyLine(description.format(path=path), fps=fps, clock="fixed", errors="raise") as sky:
        for frame in frames:
            sky.put(frame)


serve_recorders({"open": by_open, "lend": by_lend, "description": by_description})
