"""The one seam where PyAV's exceptions become ours."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av

from api_client.errors import IntegrityError, MediaError

NOT_A_VIDEO = "is not a video FFmpeg can read; give a video file such as .mp4, .mkv, .mov, .webm, .avi or .ts"

_BY_ERRNO = {
    errno.ENOENT: "does not exist; check the path",
    errno.EACCES: "may not be read; change its permissions, or run as a user who may",
    errno.EPERM: "may not be read; change its permissions, or run as a user who may",
    errno.EISDIR: "is a directory; give a video file",
    errno.ENOTDIR: "does not exist, since a part of its path is a file; check the path",
    errno.ENOSPC: "cannot be written: no space left on the device; free some, or choose another directory",
    errno.EDQUOT: "cannot be written: the disk quota is used up; free some, or choose another directory",
    errno.EFBIG: "cannot be written: the file system takes no file that large; choose another directory",
    errno.EROFS: "cannot be written: the file system is read-only; choose another directory",
    errno.EMFILE: "cannot be opened: too many open files; raise the limit (ulimit -n)",
    errno.ENOMEM: "needs more memory than there is; close other programs, or use a larger machine",
    errno.EIO: "cannot be read: the device reports an error; copy the file to another disk",
}


def _what_to_do(error: Exception) -> str:
    code = getattr(error, "errno", None)
    if code in _BY_ERRNO:
        return _BY_ERRNO[code]
    if isinstance(error, av.error.DecoderNotFoundError):
        return "has a codec this build of FFmpeg cannot decode; convert it to H.264 first"
    if isinstance(error, av.error.PatchWelcomeError | av.error.ExperimentalError):
        return "uses a feature FFmpeg does not support; convert it to H.264 in an .mp4 first"
    if isinstance(error, av.error.InvalidDataError | av.error.EOFError | av.error.DemuxerNotFoundError):
        return NOT_A_VIDEO
    reason = getattr(error, "strerror", None) or error
    return f"cannot be processed ({reason}); check that it plays, or convert it to H.264 in an .mp4 first"


@contextmanager
def av_errors_of(path: Path) -> Iterator[None]:
    """Translate whatever PyAV or the system raises about an input file to a `MediaError` that names it."""
    try:
        yield
    except (av.error.FFmpegError, OSError, UnicodeError) as error:
        raise MediaError(f"{path} {_what_to_do(error)}") from error


@contextmanager
def av_errors_of_our_own(path: Path) -> Iterator[None]:
    """The same for a file Horatio wrote itself: that it cannot be read is an `IntegrityError`."""
    try:
        yield
    except (av.error.FFmpegError, OSError) as error:
        raise IntegrityError(
            f"{path.name}, which Horatio wrote itself, cannot be read ({error}); "
            "it is damaged, or was written by another version: submit the video again"
        ) from error
