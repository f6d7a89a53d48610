from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_client.contract import Stage, keys
from api_client.store.key_syntax import checked_key, checked_prefix

PARTS = st.sampled_from(["", ".", "..", "a", "ab", ".hidden", "b c", "é", "\\", "\n", "000001"])


@given(st.lists(PARTS, max_size=5).map("/".join) | st.text(max_size=20))
def test_no_key_leads_out_of_the_store(text: str) -> None:
    try:
        key = checked_key(text)
    except ValueError:
        return

    path = PurePosixPath("/store", key)
    assert ".." not in path.parts
    assert str(path) == f"/store/{key}"


@given(st.lists(PARTS, min_size=1, max_size=4).map("/".join), st.integers(0, 30))
def test_every_beginning_of_a_key_is_a_prefix(text: str, length: int) -> None:
    try:
        key = checked_key(text)
    except ValueError:
        return

    assert checked_prefix(key[:length]) == key[:length]


@pytest.mark.parametrize("prefix", ["../", "a//b", "/", "/a", "a/../", ".", "a/.", "a\\"])
def test_what_no_key_begins_with_is_no_prefix(prefix: str) -> None:
    with pytest.raises(ValueError, match="beginning of any key"):
        checked_prefix(prefix)


def test_the_keys_of_the_contract_are_keys() -> None:
    job = "20261122-231502-bikes-9f3c"

    for key in (
        keys.manifest(job),
        keys.side_streams("0" * 32, ".mkv"),
        keys.source_part("0" * 32, 7),
        keys.part_done(job, Stage.DETECT, 7),
        keys.part_rows(job, 7),
        keys.cancelled(job),
        keys.embeddings("clip-vit-b-32", "0" * 64),
        keys.weights("f" * 64),
    ):
        assert checked_key(key) == key
