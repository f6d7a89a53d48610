from dataclasses import replace

import pytest
from pydantic import ValidationError

from api_client.contract import JobDocument, Rendering, Source, Stage
from api_client.errors import IntegrityError
from tests.manifests import chunk, manifest


def test_a_manifest_reads_back_as_it_was_written() -> None:
    written = manifest(chunks=(chunk(0, range(0, 300, 10)), chunk(1, range(300, 400, 10), first_frame=30)))

    assert JobDocument.from_bytes(written.document.to_bytes()) == written.document
    assert Source.from_bytes(written.footage.to_bytes()) == written.footage


def test_a_manifest_must_account_for_every_frame() -> None:
    with pytest.raises(ValidationError, match="does not follow"):
        manifest(chunks=(chunk(0, range(10)), chunk(1, range(10, 20), first_frame=11)))


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b'{"version": 2}'])
def test_a_damaged_manifest_is_said_to_be_damaged(data: bytes) -> None:
    with pytest.raises(IntegrityError, match="cannot be read"):
        JobDocument.from_bytes(data)
    with pytest.raises(IntegrityError, match="cannot be read"):
        Source.from_bytes(data)


def test_every_third_frame_is_sampled_and_the_first_of_each_chunk() -> None:
    job = manifest(every=3).job

    assert [i for i in range(4, 12) if job.is_sampled(i, chunk_first_frame=4)] == [4, 6, 9]


def test_a_job_goes_through_the_stages_it_needs() -> None:
    def stages(**document: object) -> tuple[Stage, ...]:
        made = manifest(rendering=Rendering())
        return replace(made, document=made.document.model_copy(update=document)).stages

    assert stages() == (Stage.DETECT, Stage.TRACK, Stage.RENDER, Stage.ASSEMBLE)
    assert stages(detections_of="other") == (Stage.TRACK, Stage.RENDER, Stage.ASSEMBLE)
    assert stages(log_of="other") == (Stage.RENDER, Stage.ASSEMBLE)
    assert stages(regions_of="other", text_encoder="words")[:3] == (Stage.EMBED, Stage.ASK, Stage.TRACK)
    assert manifest(rendering=None).stages == (Stage.DETECT, Stage.TRACK)
