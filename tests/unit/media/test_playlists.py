"""A file that leads to other files is refused, whatever its name."""

from pathlib import Path

import pytest

from api_client.errors import MediaError
from api_client.media.source.probe import probe
from tests.clips import write_clip

PLAYLISTS = {
    "concat": "ffconcat version 1.0\nfile {name}\n",
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\n{path}\n#EXT-X-ENDLIST\n",
    "hls by URL": "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n",
}


@pytest.mark.parametrize("kind", PLAYLISTS)
@pytest.mark.parametrize("name", ["list.m3u8", "innocent.mp4"])
def test_a_playlist_is_refused_in_one_line(tmp_path: Path, kind: str, name: str) -> None:
    private = write_clip(tmp_path / "private.ts", frames=12, gop=6)
    path = tmp_path / name
    path.write_text(PLAYLISTS[kind].format(name=private.name, path=private))

    with pytest.raises(MediaError) as caught:
        probe(path)

    assert str(path) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
