from pathlib import Path

import pytest

from api_client.errors import SettingsError
from api_client.settings import Settings


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"HORATIO_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def test_nothing_configured_means_this_machine() -> None:
    settings = Settings.load()

    assert settings.is_local
    assert settings.resolved_store_url.endswith("store")


def test_the_environment_wins_over_the_env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HORATIO_CHUNK_SECONDS=3\nHORATIO_DEVICE=cpu\nUNRELATED=1\n")
    monkeypatch.setenv("HORATIO_CHUNK_SECONDS", "7")

    settings = Settings.load()

    assert (settings.chunk_seconds, settings.device) == (7, "cpu")


def test_a_wrong_value_is_one_line_that_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HORATIO_VISIBILITY_TIMEOUT_SECONDS", "60")

    with pytest.raises(SettingsError, match=r"^HORATIO_VISIBILITY_TIMEOUT_SECONDS is '60': .*900$"):
        Settings.load()


def test_secrets_are_masked_in_every_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HORATIO_BROKER_URL", "redis://:hunter2@host:6379/0")
    monkeypatch.setenv("HORATIO_S3_SECRET_ACCESS_KEY", "hunter2")

    settings = Settings.load()

    assert "hunter2" not in f"{settings!r} {settings!s} {settings.model_dump_json()}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HORATIO_BROKER_URL", "amqp://user:hunter2@host"),
        ("HORATIO_BROKER_URL", "redis://user:hunter2@host:port/0"),
        ("HORATIO_BROKER_URL", "redis://user:hunter2@[host/0"),
        ("HORATIO_BROKER_URL", "redis://"),
        ("HORATIO_LOG_LEVEL", "//user:hunter2@host\n" * 2),
        ("HORATIO_METRICS_PORT", "https://user:hunter2@host/" + "x" * 100_000),
    ],
)
def test_a_wrong_value_never_shows_a_secret(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=f"^{name} is ") as caught:
        Settings.load()

    assert "hunter2" not in str(caught.value)
    assert len(str(caught.value)) < 1200
    assert len(str(caught.value).splitlines()) == 1


def test_an_env_file_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"HORATIO_DEVICE=\xff")

    with pytest.raises(SettingsError, match=r"^the settings in \.env cannot be read"):
        Settings.load()


def test_another_process_can_be_given_the_very_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.load(
        broker_url="redis://:secret@host/1", chunk_frames=12, allow_python_detectors=True
    )

    for name, value in settings.to_environment().items():
        monkeypatch.setenv(name, value)

    assert Settings.load() == settings


def test_every_setting_is_documented_in_the_table() -> None:
    table = (Path(__file__).parents[3] / "docs" / "settings.md").read_text()

    for name in Settings.model_fields:
        assert f"`HORATIO_{name.upper()}`" in table
