import pytest
from pydantic import ValidationError

from tests.fakes.studio import context
from tools.catalogue.catalogue import Catalogue
from tools.catalogue.reading import read_models
from tools.list_models import ListModels, ListModelsArguments, model_row

SHOP = Catalogue(models=read_models(), missing={}, substitution="auto", default_model="sora-2-pro")


async def test_the_list_is_the_rows_of_the_rest_route_sora_first() -> None:
    output = await ListModels(SHOP).call(context(), ListModelsArguments())

    rows = output.result["models"]
    assert rows == [model_row(offer) for offer in SHOP.offers()]
    assert isinstance(rows, list)
    assert rows[0]["key"] == "sora-2-pro"


def test_it_takes_no_arguments() -> None:
    with pytest.raises(ValidationError):
        ListModelsArguments.model_validate({"provider": "replicate"})
