"""How an mp4 is told to keep timestamps exactly."""


def exact_timing(timescale: int, *, movie_timescale: int | None = None) -> dict[str, str]:
    """Options for FFmpeg's mp4 and mov muxers: video is timed in units of 1/`timescale` seconds.

    The edit list, which says when each stream begins, counts in the movie's own timescale. Left at its
    default of 1000, that would round the time of the first frame.
    """
    return {
        "video_track_timescale": str(timescale),
        "movie_timescale": str(movie_timescale or timescale),
    }
