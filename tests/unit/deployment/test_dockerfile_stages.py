"""The reader of Dockerfiles that tests/integration/deployment/clean_root builds with."""

from tests.integration.deployment.clean_root.debian_base import python_of, release_of
from tests.integration.deployment.clean_root.dockerfile import Dockerfile, Instruction, expand
from tests.unit.deployment.rendered import REPOSITORY

TEXT = """\
# syntax=docker/dockerfile:1
ARG BASE=debian:13
ARG INDEX="--index-url https://wheels.example"
FROM ${BASE} AS build
ENV PATH=/opt/it/bin:$PATH NAME="two words"
# a comment between
RUN --mount=type=cache,target=/root/.cache one && \\
    # a comment within
    two
FROM scratch AS other
RUN three
FROM build AS image
COPY --from=build /opt/it /opt/it
CMD ["it", "--help"]
"""


def test_stages_say_what_stands_below_them() -> None:
    build, other, image = Dockerfile.parse(TEXT).stages

    assert (build.name, build.base) == ("build", "debian:13")
    assert [instruction.word for instruction in build.instructions] == ["ENV", "RUN"]
    assert [instruction.text for instruction in other.instructions] == ["three"]
    assert image.sources == {"build"}


def test_a_run_is_one_line_without_its_options_and_comments() -> None:
    (_, run), *_ = [stage.instructions for stage in Dockerfile.parse(TEXT).stages]

    assert run.text.split() == ["one", "&&", "two"]
    assert run.options == (("mount", "type=cache,target=/root/.cache"),)


def test_words_are_json_or_a_shells() -> None:
    assert Instruction.of('CMD ["it", "--a b"]').words == ("it", "--a b")
    assert Instruction.of('ENV A=1 B="two words"').pairs == {"A": "1", "B": "two words"}
    assert Instruction.of("COPY --from=build /a /b").option("from") == "build"


def test_only_what_a_target_needs_is_built() -> None:
    assert [stage.name for stage in Dockerfile.parse(TEXT).needed_for("image")] == ["build", "image"]


def test_arguments_are_what_the_builder_was_given() -> None:
    assert Dockerfile.parse(TEXT).arguments["INDEX"] == "--index-url https://wheels.example"
    given = Dockerfile.parse(TEXT, {"BASE": "debian:14", "INDEX": ""})

    assert given.stages[0].base == "debian:14"
    assert given.arguments["INDEX"] == ""


def test_a_variable_without_a_value_is_empty() -> None:
    assert expand("${A}:$B-${C}", {"A": "1", "B": "2"}) == "1:2-"


def test_the_base_image_says_which_debian_and_which_python() -> None:
    image = Dockerfile.parse((REPOSITORY / "docker/Dockerfile").read_text()).arguments["PYTHON_IMAGE"]

    assert release_of(image).isalpha()
    assert python_of(image).count(".") == 1
