"""Pictures that are one job: what strikes where they are packed, drawn and put together."""

import os
import signal
from pathlib import Path

import pytest
from PIL import Image

from tests.chaos.arena import Arena
from tests.chaos.case import Case
from tests.chaos.processes import send
from tests.chaos.stages import REACHED_SECONDS, Stage, answer, request
from tests.chaos.test_damage import DAMAGES

PICTURES = 34
"""Two parts."""
OF_WORKERS: dict[str, Stage] = {
    "pictures: fetch": answer("GET", r"parts/000001"),
    "pictures: store the drawn": request("PUT", r"render/000001/pictures\.zip"),
    "pictures: read to assemble": answer("GET", r"render/000001/pictures\.zip"),
    "pictures: write the result": request("PUT", r"result/annotated\.zip"),
}
SIGNALS = {"kill -9": signal.SIGKILL, "SIGTERM": signal.SIGTERM}


@pytest.fixture(scope="session")
def folder(arena: Arena) -> Path:
    """Small pictures of several sizes, each with a square of a colour."""
    folder = arena.directory / "pictures"
    folder.mkdir()
    for number in range(PICTURES):
        picture = Image.new("RGB", (64 + 8 * (number % 3), 48), (120, 120, 120))
        picture.paste([(220, 20, 20), (20, 20, 220)][number % 2], (20, 10, 40, 30))
        picture.save(folder / f"{number:02d}.{'png' if number % 4 else 'jpg'}")
    return folder


@pytest.fixture(scope="session")
def undisturbed(arena: Arena, folder: Path) -> Path:
    """The results of a job to which nothing happens."""
    results = arena.directory / "undisturbed-pictures"
    arena.wait_until_idle()
    ended = arena.submit(results, footage=folder).wait(120)
    assert ended.status == 0, ended.errors
    assert len([*(results / "annotated").iterdir()]) == PICTURES
    arena.reset(after_failure=False)
    return results


@pytest.fixture
def pictures(case: Case, folder: Path, undisturbed: Path) -> Case:
    case.footage, case.undisturbed = folder, undisturbed
    return case


@pytest.mark.parametrize("stage", OF_WORKERS)
def test_a_worker_is_killed_at_pictures(pictures: Case, stage: str) -> None:
    pictures.about(stage=stage, fault="kill -9 of the worker")
    with OF_WORKERS[stage](pictures.arena) as held:
        client = pictures.submit()
        worker = pictures.arena.crew.of(held.wait(REACHED_SECONDS))
        os.killpg(worker.process.pid, signal.SIGKILL)
        worker.process.wait()
        held.drop()
    pictures.arena.crew.revive()
    pictures.succeeds(client, may_hold_messages=True)


@pytest.mark.parametrize("damage", ["damaged", "deleted"])
def test_drawn_pictures_are_damaged_before_they_are_put_together(pictures: Case, damage: str) -> None:
    pictures.about(stage="read to assemble", fault=f"pictures.zip of a part is {damage}")
    arena = pictures.arena
    with request("GET", r"render/000000/pictures\.zip")(arena) as held:
        client = pictures.submit()
        held.wait(REACHED_SECONDS)
        DAMAGES[damage](arena.store, f"jobs/{arena.job_of(client)}/render/000001/pictures.zip")
        held.release()
    pictures.succeeds(client)


@pytest.mark.parametrize("name", SIGNALS)
def test_a_client_ends_while_it_packs_pictures_and_another_submits_them(pictures: Case, name: str) -> None:
    pictures.about(stage="pictures: upload a pack", fault=f"{name} of the client, submitted again")
    with request("PUT", r"parts/000001")(pictures.arena) as held:
        client = pictures.submit()
        held.wait(REACHED_SECONDS)
        send(SIGNALS[name], client.process.pid)
        held.drop() if name == "kill -9" else held.release()
        assert client.wait(30).status != 0
    assert list(pictures.arena.store.list("jobs/")) == []
    pictures.succeeds(pictures.submit())


def test_a_client_is_killed_while_it_fetches_pictures(pictures: Case) -> None:
    pictures.about(stage="pictures: fetch by client", fault="kill -9 of the client")
    with answer("GET", r"result/annotated\.zip")(pictures.arena) as held:
        client = pictures.submit()
        held.wait(REACHED_SECONDS)
        client.kill()
        held.drop()
    (job_id,) = pictures.arena.store.list_prefixes("jobs/")
    pictures.succeeds(pictures.arena.client("resume", job_id, "-o", pictures.output))
