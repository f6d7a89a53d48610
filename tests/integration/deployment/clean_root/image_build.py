"""What `docker build` does with a Dockerfile, by chroot: each RUN, COPY and ENV a target needs."""

import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from tests.integration.deployment.clean_root.dockerfile import Dockerfile, Instruction, Stage, expand
from tests.integration.deployment.clean_root.host_access import HostAccess
from tests.integration.deployment.clean_root.image import Image
from tests.integration.deployment.clean_root.namespace import Bind, command_inside

Ignored = Callable[[str, list[str]], set[str]]
_NOT_SENT = shutil.ignore_patterns("__pycache__", "*.pyc")  # docker/Dockerfile.dockerignore


class StepFailedError(RuntimeError):
    """A step of the Dockerfile did not work; the message has the end of what it said."""


@dataclass(kw_only=True)
class ImageBuild:
    """Builds stages, each once."""

    dockerfile: Dockerfile
    base: Image
    """Stands for the image of somebody else's that the stages begin with."""
    context: Path
    work: Path
    access: HostAccess
    say: Callable[[str], None]
    images: dict[str, Image] = field(default_factory=dict)

    def build(self, *targets: str) -> None:
        """Carry out all stages the targets need."""
        for stage in self.dockerfile.needed_for(*targets):
            if stage.name not in self.images:
                self._build(stage)

    def _build(self, stage: Stage) -> None:
        below = self.images.get(stage.base, self.base)
        image = replace(below, layers=(self.work / "layers" / stage.name, *below.layers))
        with below.mounted(self.work / "roots" / stage.name, layer=image.layers[0]) as root:
            arguments: dict[str, str] = {}
            for instruction in stage.instructions:
                image = self._carry_out(instruction, image, root, arguments, stage.name)
        self.images[stage.name] = image

    def _carry_out(
        self, instruction: Instruction, image: Image, root: Path, arguments: dict[str, str], stage: str
    ) -> Image:
        """Do what the instruction says to the files; return what it makes of the image."""
        word, values = instruction.word, {**arguments, **image.environment}
        if word == "RUN":
            self._run(instruction, image, root, arguments, stage)
        elif word == "COPY":
            self._copy(instruction, image, root)
        elif word == "ARG":
            defaults = instruction.pairs or {instruction.text: ""}
            arguments |= {name: self.dockerfile.arguments.get(name, text) for name, text in defaults.items()}
        elif word == "ENV":
            pairs = {name: expand(text, values) for name, text in instruction.pairs.items()}
            return replace(image, environment={**image.environment, **pairs})
        elif word == "WORKDIR":
            (root / instruction.text.lstrip("/")).mkdir(parents=True, exist_ok=True)
            return replace(image, directory=instruction.text)
        return _configured(instruction, image)

    def _run(
        self, instruction: Instruction, image: Image, root: Path, arguments: Mapping[str, str], stage: str
    ) -> None:
        command = command_inside(
            root,
            ["/bin/sh", "-c", instruction.text],
            environment={**self.access.environment, **arguments, **image.environment},
            directory=image.directory,
            binds=[*self._lent(), *self._caches(instruction, root)],
        )
        log = self.work / f"{stage}.log"
        started = time.monotonic()
        with log.open("ab") as output:
            done = subprocess.run(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise StepFailedError(f"{stage}: RUN {instruction.text}\n{log.read_text()[-3000:]}")
        words = " ".join(instruction.text.split())
        self.say(f"{stage}: RUN {words[:110]} … {time.monotonic() - started:.1f} s")

    def _lent(self) -> list[Bind]:
        return [Bind(source=path, target=str(path), read_only=True) for path in self.access.paths]

    def _caches(self, instruction: Instruction, root: Path) -> list[Bind]:
        """`--mount=type=cache,target=…`: kept between steps and stages, and in no layer."""
        binds = []
        for name, value in instruction.options:
            assert name == "mount", "a RUN of another kind needs other code"
            target = dict(part.split("=") for part in value.split(","))["target"]
            source = self.work / "cache" / target.strip("/").replace("/", "-")
            source.mkdir(parents=True, exist_ok=True)
            (root / target.lstrip("/")).mkdir(parents=True, exist_ok=True)
            binds.append(Bind(source=source, target=target))
        return binds

    def _copy(self, instruction: Instruction, image: Image, root: Path) -> None:
        *sources, target = instruction.words
        place = root / str(PurePosixPath(image.directory, target)).lstrip("/")
        stage = instruction.option("from")
        if stage is None:
            _copy_into(place, [self.context / source for source in sources], _NOT_SENT)
        else:
            with self.images[stage].mounted(self.work / "roots" / f"from-{stage}") as other:
                _copy_into(place, [other / source.lstrip("/") for source in sources])


def _copy_into(place: Path, sources: list[Path], ignored: Ignored | None = None) -> None:
    """A folder's contents, or files by their names."""
    for source in sources:
        if source.is_dir():
            shutil.copytree(source, place, symlinks=True, dirs_exist_ok=True, ignore=ignored)
        else:
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, place / source.name)


def _configured(instruction: Instruction, image: Image) -> Image:
    if instruction.word == "USER":
        return replace(image, user=instruction.text)
    if instruction.word == "ENTRYPOINT":
        return replace(image, entrypoint=instruction.words, command=())
    if instruction.word == "CMD":
        return replace(image, command=instruction.words)
    if instruction.word == "HEALTHCHECK":
        return replace(image, health_check=Instruction.of(instruction.text).words)
    assert instruction.word in {"RUN", "COPY", "ARG", "VOLUME", "EXPOSE"}, instruction.word
    return image
