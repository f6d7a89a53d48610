"""`client jobs`: what is in the store, how far it is, and how much room it takes."""

import json
from itertools import islice

import click

from api_client.cli.follow import json_option
from api_client.cli.say import say, tell, tell_waiting
from api_client.cli.sizes import readable_size
from api_client.client import Client
from api_client.queue.connections import open_store_of
from api_client.settings import Settings
from api_client.status import JobStatus

_COUNTED_OBJECTS = 20_000
"""Listing more only to say how large the store is would make the command slow."""


@click.command()
@json_option
def jobs(*, as_json: bool) -> None:
    """List the jobs in the store, oldest first, and say how large it is."""
    settings = Settings.load()
    with Client(settings, on_wait=tell_waiting) as client:
        found = client.jobs()
    for status in found:
        say(json.dumps(status.to_json()) if as_json else _line(status))
    if not as_json:
        _tell_about(found, settings)


def _line(status: JobStatus) -> str:
    state = status.state.replace("_", " ")
    frames = status.counted
    return f"{status.job_id}  {state:<11}  {frames:>18}  {_words(status)}  ({status.detector})"


def _words(status: JobStatus) -> str:
    if status.vocabulary_name != "custom":
        return f"{status.vocabulary_name}, {status.word_count} words"
    more = status.word_count - len(status.words)
    return ", ".join(status.words) + (f", and {more} more" if more > 0 else "")


def _tell_about(found: list[JobStatus], settings: Settings) -> None:
    if away := next((status.waiting_for for status in found if status.waiting_for), None):
        tell(f"warning: {away} So unfinished jobs are shown as the store knows them.")
    store = open_store_of(settings)
    sizes = [info.size_bytes for info in islice(store.list(""), _COUNTED_OBJECTS + 1)]
    at_least = "more than " if len(sizes) > _COUNTED_OBJECTS else ""
    counted = f"{len(found)} {'job' if len(found) == 1 else 'jobs'}"
    tell(f"{counted}; {store.url} holds {at_least}{readable_size(sum(sizes))}: `client gc` deletes")
    interrupted = next((status.job_id for status in found if status.state == "interrupted"), None)
    if interrupted:
        tell(f"nobody works on an interrupted job: `client resume {interrupted}` goes on")
