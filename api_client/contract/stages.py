"""The stages of a job, and what each works on.

    embed      the whole job, where the detector can run    words as vectors, where nobody asked them before
    ask        part by part, on any CPU                     boxes of other words, from regions kept before
    detect     part by part, where the detector can run     boxes and regions of every frame looked at
    track      the whole job, seconds                       the log: who is who, what the track says
    render     part by part, on any CPU                     the pictures, with what the log says drawn in
    assemble   the whole job                                one video, with the original sound

One follows the other: what is drawn in a frame is what is known of the whole video. A job goes through
those it needs (see `Manifest.stages`): it detects, or it asks what another job's detector saw.
"""

from enum import StrEnum


class Stage(StrEnum):
    """One stage, named as in keys and queues."""

    EMBED = "embed"
    ASK = "ask"
    DETECT = "detect"
    TRACK = "track"
    RENDER = "render"
    ASSEMBLE = "assemble"

    @property
    def is_by_part(self) -> bool:
        """Whether it is one item of work a part, rather than one a job."""
        return self in BY_PART

    @property
    def following(self) -> "Stage":
        """The stage that every part of this one is waited for by."""
        return {Stage.ASK: Stage.TRACK, Stage.DETECT: Stage.TRACK, Stage.RENDER: Stage.ASSEMBLE}[self]


FINDING = (Stage.ASK, Stage.DETECT)
"""What a log is made of: one of the two."""
BY_PART = (*FINDING, Stage.RENDER)
