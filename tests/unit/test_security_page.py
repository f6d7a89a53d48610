"""docs/security.md says what the code does."""

import re

import pytest

from api_client.contract.model import MOST_DOCUMENT_BYTES
from api_client.settings import Settings
from api_client.store.protocol import MOST_BYTES_IN_MEMORY
from tests.unit.deployment.rendered import REPOSITORY
from vocabularies import label, label_file, vocabulary

TEXT = " ".join((REPOSITORY / "docs/security.md").read_text().split())


@pytest.mark.parametrize(
    "stated",
    [
        f"documents larger than {MOST_DOCUMENT_BYTES >> 20} MiB",
        f"objects larger than {MOST_BYTES_IN_MEMORY >> 20} MiB",
        f"more than {label_file._MOST_BYTES >> 20} MiB, {vocabulary.MOST_LABELS // 1000} 000 labels",
        f"{label.MOST_CHARACTERS} characters a label",
    ],
)
def test_its_bounds_are_those_of_the_code(stated: str) -> None:
    assert stated in TEXT


def test_its_links_lead_somewhere_and_operations_lead_to_it() -> None:
    operations = (REPOSITORY / "docs/operations.md").read_text()

    assert all((REPOSITORY / "docs" / target).exists() for target in re.findall(r"\]\(([^)#]+)[)#]", TEXT))
    assert "(security.md)" in operations


def test_settings_it_names_exist() -> None:
    assert {name.lower() for name in re.findall(r"HORATIO_([A-Z0-9_]+)", TEXT)} <= set(Settings.model_fields)


def test_make_has_the_targets_it_names() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()

    for target in re.findall(r"`make (\w+)`", TEXT):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
