"""Segments, sound and subtitles put together, nothing encoded again."""
