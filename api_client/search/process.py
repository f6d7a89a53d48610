"""The process that searches. It stays for the next search: most of a first one is loading.

The client has no detector. It starts `python -m workers.searching`, which this machine's install must be able
to run, writes a request a line, and reads lines of JSON: how far it is, then what came of it.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from typing import IO, Any

from api_client.errors import HoratioError, SettingsError, VocabularyError
from api_client.install_command import install_command
from api_client.search.asked import SearchAnswer, SearchRequest
from api_client.settings import Settings

OnKept = Callable[[int, int], None]
"""Called with (jobs taken in, jobs to take in), where some are new to this machine."""

_ERRORS: dict[str, type[HoratioError]] = {"VocabularyError": VocabularyError}


_ONE_THREAD_A_PRODUCT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""Blocks of looks are asked on all cores at once."""


class SearchProcess:
    """Starts with the first request, and again where it was ended. Not for several threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None
        self._stderr: IO[str] | None = None
        """A file, which nobody need read for the process to go on."""

    def ask(self, request: SearchRequest, on_kept: OnKept) -> SearchAnswer:
        """Have a request answered. Raises `SettingsError`, one line, where it cannot be."""
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(request.model_dump_json() + "\n")
            process.stdin.flush()
            last = _last_of(process.stdout, on_kept)
        except (BrokenPipeError, json.JSONDecodeError):
            last = {}
        except BaseException:  # what it still says would be taken for the next answer
            self.close()
            raise
        if "error" in last:
            raise _ERRORS.get(last["kind"], SettingsError)(last["error"])
        if "found" not in last:
            raise SettingsError(f"the search ended unexpectedly: {self._last_words()}")
        return SearchAnswer.model_validate(last["found"])

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.kill()
            with self._process:
                self._process = None
        if self._stderr is not None:
            self._stderr.close()
            self._stderr = None

    def _running(self) -> "subprocess.Popen[str]":
        if self._process is not None and self._process.poll() is not None:
            self.close()
        if self._process is None:
            self._stderr = tempfile.TemporaryFile("w+")  # noqa: SIM115  (closed with the process)
            self._process = _started(self._settings, self._stderr)
        return self._process

    def _last_words(self) -> str:
        assert self._process is not None
        assert self._stderr is not None
        self._process.kill()
        self._process.wait()
        self._stderr.seek(0)
        lines = self._stderr.read().strip().splitlines()
        self.close()
        return lines[-1] if lines else "nothing was said"


def _started(settings: Settings, stderr: IO[str]) -> "subprocess.Popen[str]":
    if find_spec("workers") is None or find_spec("safetensors") is None:
        raise SettingsError(
            f"a search needs what asks words of kept regions on this machine: `{install_command('local')}`"
        )
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "workers.searching"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        env={**os.environ, **_ONE_THREAD_A_PRODUCT, **settings.to_environment()},
    )


def _last_of(lines: IO[str], on_kept: OnKept) -> dict[str, Any]:
    """The answer; what comes before it is how far it is."""
    for line in lines:
        said: dict[str, Any] = json.loads(line)
        if "done" not in said:
            return said
        on_kept(int(said["done"]), int(said["of"]))
    return {}
