from datetime import UTC, datetime
from pathlib import PurePath

import pytest

from api_client.contract import Stage, keys
from api_client.contract.ids import checked_job_id, new_job_id
from api_client.errors import SettingsError


def test_job_ids_sort_by_time_and_name_the_file() -> None:
    first = new_job_id(PurePath("/films/Street (1).MP4"), now=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    second = new_job_id(PurePath("a.mp4"), now=datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC))

    assert first.startswith("20260102-030405-street-1-")
    assert first < second


@pytest.mark.parametrize("name", ["映画.mp4", "....mp4", "x" * 300 + ".mkv", "-.mp4"])
def test_any_file_name_gives_a_usable_job_id(name: str) -> None:
    job_id = new_job_id(PurePath(name))

    assert checked_job_id(job_id) == job_id


@pytest.mark.parametrize("text", ["", "../secrets", "a/b", "A", "a b", "-a", "a-", "x" * 81, "a\n"])
def test_what_cannot_be_a_job_id_never_becomes_part_of_a_key(text: str) -> None:
    with pytest.raises(SettingsError, match="not a job id"):
        keys.manifest(text)


def test_the_layout_of_the_store_is_pinned() -> None:
    assert keys.manifest("j") == "jobs/j/manifest.json"
    assert keys.source("5") == "sources/5/source.json"
    assert keys.source_part("5", 7) == "sources/5/parts/000007"
    assert keys.part_done("j", Stage.DETECT, 7) == "jobs/j/detect/000007/done.json"
    assert keys.part_failed("j", Stage.RENDER, 7) == "jobs/j/render/000007/failed.json"
    assert keys.tracked("j") == "jobs/j/track/done.json"
    assert keys.job_done("j") == "jobs/j/result/job.json"
