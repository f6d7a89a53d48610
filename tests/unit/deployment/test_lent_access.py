"""What a build of the images is lent of the machine's ways to packages."""

from pathlib import Path

from tests.integration.deployment.images.lent import named, pip_settings


def test_pips_settings_are_those_that_count_on_this_machine() -> None:
    listed = ":env:.cert='/from/environment.crt'\nglobal.cert='/from/file.crt'\nglobal.find-links='/a\\n/b'"

    assert pip_settings(listed) == {"cert": "/from/environment.crt", "find-links": "/a /b"}


def test_files_are_lent_as_they_are_and_an_index_with_what_lies_beside_it() -> None:
    text = "file:///mirror/simple /etc/certificates.crt https://index.example/simple"

    assert {Path("/mirror"), Path("/etc/certificates.crt")} < set(named(text))
