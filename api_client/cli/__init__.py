"""The command line: `client submit video.mp4`.

Results go to the standard output, progress and errors to the standard error. Exit status: 0 complete,
1 the job failed or a verification found differences, 2 something asked for cannot be, 3 complete with gaps,
130 interrupted.
"""

from api_client.cli.main import main

__all__ = ["main"]
