"""Redis, wherever we run it, refuses what it cannot keep and writes down what it has."""

from tests.unit.deployment.rendered import REPOSITORY, compose


def test_in_compose() -> None:
    command = compose()["services"]["redis"]["command"]
    options = dict(zip(command[1::2], command[2::2], strict=True))

    assert options["--appendonly"] == "yes"
    assert options["--maxmemory-policy"] == "noeviction"
    assert options["--requirepass"]


def test_in_a_cluster() -> None:
    lines = (REPOSITORY / "k8s/base/redis.conf").read_text().splitlines()
    options = dict(line.split(" ", 1) for line in lines if line and not line.startswith("#"))

    assert options["appendonly"] == "yes"
    assert options["appendfsync"] == "everysec"
    assert options["maxmemory-policy"] == "noeviction"
