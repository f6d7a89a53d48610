"""Weights of the pocket detector that lack a table, or hold one that does not fit."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from workers.detectors.errors import WeightsError
from workers.detectors.pocket import load
from workers.detectors.pocket.weights import SHIPPED_WEIGHTS

Tables = dict[str, Tensor]
CHANGES: dict[str, Callable[[Tables], object]] = {
    "lacks 'scale'": lambda tables: tables.pop("scale"),
    "lacks 'names.mean'": lambda tables: tables.pop("names.mean"),
    "lacks 'names.steps'": lambda tables: tables.pop("names.steps"),
    "'scale' of shape \\(2,\\)": lambda tables: tables.update(scale=torch.ones(2)),
    "'scale' of shape \\(\\)": lambda tables: tables.update(scale=torch.tensor(1.0)),
    "'names.mean' of shape": lambda tables: tables.update({"names.mean": torch.ones(512)}),
    "'names.rows' of shape": lambda tables: tables.update({"names.rows": torch.ones(1080, 512)}),
    "1080 rows of 'names' and 9 steps": lambda tables: tables.update({"names.steps": torch.ones(9)}),
    "'taught.rows' of shape": lambda tables: tables.update({"taught.rows": torch.ones(201)}),
    "0 rows of 'taught'": lambda tables: tables.update(
        {"taught.rows": torch.ones(0, 384), "taught.steps": torch.ones(0)}
    ),
    "fewer names": lambda tables: tables.update(
        {"names.rows": torch.ones(9, 384), "names.steps": torch.ones(9)}
    ),
    "'classes.rows' of shape": lambda tables: tables.update({"classes.rows": torch.ones(10, 10)}),
}


@pytest.mark.parametrize("told", CHANGES)
def test_a_table_that_does_not_fit_is_one_line_that_names_it(tmp_path: Path, told: str) -> None:
    path = tmp_path / "changed.safetensors"
    tables = load_file(SHIPPED_WEIGHTS)
    CHANGES[told](tables)
    save_file(tables, path)

    with pytest.raises(WeightsError, match=told) as caught:
        load(device="cpu", weights=path)

    assert str(path) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("change", ["missing", "misshapen"])
def test_a_network_that_does_not_fit_is_one_line(tmp_path: Path, change: str) -> None:
    path = tmp_path / "changed.safetensors"
    tables = load_file(SHIPPED_WEIGHTS)
    name = next(name for name in tables if name.startswith("network."))
    tables.pop(name)
    if change == "misshapen":
        tables[name] = torch.ones(1)
    save_file(tables, path)

    with pytest.raises(WeightsError, match=r"changed\.safetensors") as caught:
        load(device="cpu", weights=path)

    assert len(str(caught.value).splitlines()) == 1
