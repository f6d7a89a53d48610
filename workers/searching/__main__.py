"""`python -m workers.searching`: what `client search` starts. See `api_client.search.process`."""

import json
import sys
from typing import Any

from api_client.errors import HoratioError
from api_client.local.parent_death import die_with_parent
from api_client.queue.connections import open_store_of
from api_client.search.asked import SearchRequest
from api_client.settings import Settings
from workers.searching.searcher import Searcher


def main() -> int:
    """Answer one request a line until there are no more; return the exit status."""
    die_with_parent()
    settings = Settings.load()
    searcher = Searcher(settings, open_store_of(settings))
    for line in sys.stdin:
        try:
            request = SearchRequest.model_validate_json(line)
            answer = searcher.search(request, lambda done, of: _say({"done": done, "of": of}))
            _say({"found": answer.model_dump(mode="json")})
        except HoratioError as error:
            _say({"error": str(error), "kind": type(error).__name__})
    return 0


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
