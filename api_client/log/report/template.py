"""From a page's template, style and scripts to the file."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from api_client.store.atomic_file import partial_file

_PAGE = Path(__file__).parent / "page"
_BY_KIND: Mapping[str, Sequence[str]] = {
    "report": ("js/*.js",),
    "pictures": ("js/[123]0-*.js", "js/pictures/*.js"),
}
"""Template → the scripts it needs, in order."""


def write_page(path: Path, kind: str, **values: Any) -> None:
    """Write a page; it appears complete or not at all. Equal values give equal bytes."""
    loader = PackageLoader("api_client.log.report", "page")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    page = environment.get_template(f"{kind}.html").render(**values, **_own_files(_BY_KIND[kind]))
    with partial_file(path.parent) as partial:
        partial.write(page.encode())
        Path(partial.name).replace(path)


def _own_files(patterns: Sequence[str]) -> dict[str, str]:
    """Style and script, without any data in them, and the digests by which the page's policy knows them."""
    style = (_PAGE / "report.css").read_text(encoding="utf-8")
    paths = (path for pattern in patterns for path in sorted(_PAGE.glob(pattern)))
    scripts = (path.read_text(encoding="utf-8") for path in paths)
    script = '"use strict";\n(() => {\n' + "\n".join(scripts) + "\n})();\n"
    return {
        "style": Markup(style),  # noqa: S704
        "script": Markup(script),  # noqa: S704
        "style_digest": _digest(style),
        "script_digest": _digest(script),
    }


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
