"""The output formats: one file each, one protocol, and callers hold a list of them."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path

from api_client.log.exports.coco import Coco
from api_client.log.exports.comma_separated import CommaSeparated
from api_client.log.exports.cvat import Cvat
from api_client.log.exports.json_lines import JsonLines
from api_client.log.exports.label_studio import LabelStudio
from api_client.log.exports.mot import Mot
from api_client.log.exports.parquet import Parquet, read_description
from api_client.log.exports.protocol import Export, ExportedJob
from api_client.log.exports.text import Text
from api_client.log.exports.web_vtt import WebVtt
from api_client.log.exports.yolo import Yolo
from api_client.log.frames import FrameRecord

__all__ = ["EXPORTS", "Export", "ExportedJob", "read_description", "write_exports"]

EXPORTS: Mapping[str, Callable[[], Export]] = {
    "parquet": Parquet,
    "jsonl": JsonLines,
    "txt": Text,
    "csv": CommaSeparated,
    "coco": Coco,
    "mot": Mot,
    "yolo": Yolo,
    "cvat": Cvat,
    "labelstudio": LabelStudio,
    "webvtt": WebVtt,
}
"""By the names of `contract.export_names`."""


def write_exports(
    frames: Iterable[FrameRecord], names: Iterable[str], directory: Path, job: ExportedJob
) -> list[Path]:
    """Write the frames in each of the formats, in one pass; return the files."""
    exports = [EXPORTS[name]() for name in dict.fromkeys(names)]
    with ExitStack() as stack:
        for export in exports:
            export.open(directory, job)
            stack.callback(export.close)
        for frame in frames:
            for export in exports:
                export.write(frame)
    return [directory / name for export in exports for name in export.names]
