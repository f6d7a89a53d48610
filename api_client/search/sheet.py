"""What a search found as a page: one file, no script, nothing loaded from elsewhere."""

import base64
import hashlib
import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from api_client.search.asked import FoundMoment
from api_client.search.result import SearchResult, said_of, when
from api_client.store.atomic_file import partial_file
from api_client.store.os_errors import os_errors_translated

_WORDS_IN_TITLE = 8
_PAGE = Path(__file__).parent / "page"


def write_sheet(result: SearchResult, path: Path) -> Path:
    """Write the page; it appears complete or not at all. Equal results give equal bytes."""
    environment = Environment(
        loader=PackageLoader("api_client.search", "page"), autoescape=True, undefined=StrictUndefined
    )
    style = (_PAGE / "sheet.css").read_text(encoding="utf-8")
    page = environment.get_template("sheet.html").render(
        title=_title([word.word for word in result.words]),
        searched=result.summary,
        notes=result.notes,
        words=list(_words(result)),
        style=Markup(style),  # noqa: S704
        style_digest="sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )
    with os_errors_translated(path), partial_file(path.absolute().parent) as partial:
        partial.write(page.encode())
        Path(partial.name).replace(path)
    return path


def table_html(result: SearchResult) -> str:
    """Return the moments as a table for a notebook."""
    pictured = any(result.pictures)
    head = "".join(f"<th>{name}</th>" for name in (*([""] if pictured else []), *_HEAD))
    rows = "".join(
        f"<tr>{_picture_cell(jpeg) if pictured else ''}{_cells(moment)}</tr>"
        for moment, jpeg in _with_pictures(result)
    )
    said = "".join(
        f"<p>{html.escape(line)}</p>" for line in (result.summary, *_nothing(result), *result.notes)
    )
    return f"{said}<table><tr>{head}</tr>{rows}</table>" if result.moments else said


_HEAD = ("word", "score", "when", "source", "job")


def _title(words: list[str]) -> str:
    more = len(words) - _WORDS_IN_TITLE
    return ", ".join(words[:_WORDS_IN_TITLE]) + (f", and {more} more" if more > 0 else "")


def _words(result: SearchResult) -> Iterator[dict[str, Any]]:
    for word in result.words:
        moments = [
            {
                "score": f"{moment.score:.2f}",
                "when": when(moment),
                "source": moment.source_name,
                "job": moment.job_id,
                "picture": None if jpeg is None else base64.b64encode(jpeg).decode(),
            }
            for moment, jpeg in _with_pictures(result)
            if moment.word == word.word
        ]
        yield {"name": word.word, "said": said_of(word, len(moments)), "moments": moments}


def _with_pictures(result: SearchResult) -> Iterator[tuple[FoundMoment, bytes | None]]:
    pictures = result.pictures or (None,) * len(result.moments)
    return zip(result.moments, pictures, strict=True)


def _nothing(result: SearchResult) -> Iterator[str]:
    yield from (f"{word.word}: {said_of(word, 0)}" for word in result.words if not word.moments)


def _picture_cell(jpeg: bytes | None) -> str:
    if jpeg is None:
        return "<td></td>"
    data = base64.b64encode(jpeg).decode()
    return f'<td><img src="data:image/jpeg;base64,{data}" style="max-height:96px" alt=""></td>'


def _cells(moment: FoundMoment) -> str:
    texts = (moment.word, f"{moment.score:.2f}", when(moment), moment.source_name, moment.job_id)
    return "".join(f"<td>{html.escape(text)}</td>" for text in texts)
