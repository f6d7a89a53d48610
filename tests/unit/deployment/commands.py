"""Whether a command line in a container is one our code understands."""

import importlib
from importlib.util import find_spec

from celery.bin.celery import celery as celery_command
from tornado.options import options as flower_options

from api_client.cli.main import cli


def check(command: list[str]) -> None:
    """Raise where it would not start: an unknown program, module, command or option."""
    program, *arguments = command
    if program == "celery":
        _check_celery(arguments)
    elif program == "client":
        name, *rest = arguments
        cli.commands[name].make_context(name, rest)
    elif program == "python":
        assert arguments[0] == "-m"
        assert find_spec(arguments[1]) is not None
    else:
        raise AssertionError(f"{program} is no program of ours")


def queues(command: list[str]) -> set[str]:
    """The queues a worker takes from."""
    return {name for word in command if word.startswith("--queues=") for name in word[9:].split(",")}


def _check_celery(arguments: list[str]) -> None:
    assert arguments[0] == "-A"
    app, name, *rest = arguments[1:]
    assert find_spec(app) is not None  # not imported: it would install itself in this process
    if name == "flower":
        importlib.import_module("flower.command")
        known = {option.replace("-", "_") for option in flower_options._options}
        assert {word[2:].split("=")[0].replace("-", "_") for word in rest} <= known
    else:
        _check_options(name, rest)


def _check_options(name: str, words: list[str]) -> None:
    known = {option for parameter in celery_command.commands[name].params for option in parameter.opts}
    assert {word.split("=")[0] for word in words} <= known
