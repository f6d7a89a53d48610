"""A still picture's colours made sRGB's, whichever way its file says what they are."""

from pathlib import Path

from api_client.contract.source import VideoSpec
from api_client.media.frames.colour import Rgb, is_high_dynamic_range
from api_client.media.frames.embedded import exif_of, profile_of
from api_client.media.frames.icc import ADOBE_RGB, ToSrgb, by_name, by_profile

_EXIF_DIRECTORY, _RULES_DIRECTORY, _RULES = 0x8769, 0xA005, 1
_ADOBE_RGB_RULES = b"R03"
"""Of DCF 2.0: how cameras without a profile at hand say that a picture is in Adobe RGB."""


def in_srgb(rgb: Rgb, path: Path, video: VideoSpec, profile: bytes | None = None) -> Rgb:
    """The picture as a screen should show it. Shares memory with `rgb` where that is so already.

    video: its colours, as its head or its decoder names them. profile: its ICC profile, where that lies
    elsewhere than in JPEG, PNG, WebP or TIFF files; it says more than the head.
    """
    if is_high_dynamic_range(video):  # has been made ordinary with its tones
        return rgb
    profile = profile_of(path) if profile is None else profile
    mapping = by_profile(profile) if profile else _named(path, video)
    return mapping.mapped(rgb) if mapping else rgb


def _named(path: Path, video: VideoSpec) -> ToSrgb | None:
    with exif_of(path) as exif:
        directory = exif.number(exif.first.get(_EXIF_DIRECTORY))
        rules = exif.number(exif.directory(directory).get(_RULES_DIRECTORY)) if directory else None
        if rules and exif.data(exif.directory(rules).get(_RULES)).rstrip(b"\0") == _ADOBE_RGB_RULES:
            return by_name(ADOBE_RGB)
    return by_name(video.color_primaries)
