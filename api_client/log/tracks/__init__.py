"""Tracks: which boxes of a job are the same object.

Two passes over the log. The first (`linking`) walks through the frames with a tracker (`tracker`, on
`motion` and `association`) and writes down the track of every row; only then is a track's label known, by
vote (`sightings`). The second (`filling`) hands out rows with identity and label, and places boxes in
short gaps; it looks ahead no further than the longest gap it fills.
"""

from api_client.log.tracks.filling import filled
from api_client.log.tracks.linking import Links, link_log, no_links
from api_client.log.tracks.parameters import TrackerParameters
from api_client.log.tracks.sightings import Track
from api_client.log.tracks.table import TRACKS_SCHEMA, read_tracks, write_tracks

__all__ = [
    "TRACKS_SCHEMA",
    "Links",
    "Track",
    "TrackerParameters",
    "filled",
    "link_log",
    "no_links",
    "read_tracks",
    "write_tracks",
]
