"""The log of a job: what its chunks logged, joined, followed from frame to frame, and told in many formats.

    gathered       the chunks' logs, one after the other
    tracks/        which boxes are the same object
    frames         every frame of the video, with its boxes
    summary        what was seen, how often, when
    exports/       one file a format
    palette        one colour a word

All of it is a function of the chunks' logs and the manifest; nothing here needs the video or a detector.
"""
