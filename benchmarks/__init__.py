"""Skyline beside its rivals: the same work, checked, in one interleaved run."""
