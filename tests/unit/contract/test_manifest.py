import pytest
from pydantic import ValidationError

from api_client.contract import Manifest
from api_client.errors import IntegrityError
from tests.manifests import chunk, manifest


def test_a_manifest_reads_back_as_it_was_written() -> None:
    written = manifest(chunks=(chunk(0, range(0, 300, 10)), chunk(1, range(300, 400, 10), first_frame=30)))

    assert Manifest.from_bytes(written.to_bytes()) == written


def test_a_manifest_must_account_for_every_frame() -> None:
    with pytest.raises(ValidationError, match="does not follow"):
        manifest(chunks=(chunk(0, range(10)), chunk(1, range(10, 20), first_frame=11)))


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b'{"version": 2}'])
def test_a_damaged_manifest_is_said_to_be_damaged(data: bytes) -> None:
    with pytest.raises(IntegrityError, match="cannot be read"):
        Manifest.from_bytes(data)


def test_every_third_frame_is_sampled_and_the_first_of_each_chunk() -> None:
    job = manifest(every=3).job

    assert [i for i in range(4, 12) if job.is_sampled(i, chunk_first_frame=4)] == [4, 6, 9]


def test_the_window_of_a_chunk_is_half_open() -> None:
    assert chunk(0, [10, 20, 40]).window_pts == (10, 41)
