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


async def test_without_a_need_nothing_is_recommended() -> None:
    output = await ListModels(SHOP).call(context(), ListModelsArguments())

    assert set(output.result) == {"models"}


@pytest.mark.parametrize("given", [{"need": "premium"}, {"duration": 8}], ids=str)
async def test_with_a_need_or_a_length_one_is_recommended_with_a_reason(
    given: dict[str, object],
) -> None:
    asked = ListModelsArguments.model_validate(given)

    output = await ListModels(SHOP).call(context(), asked)

    recommended = output.result["recommended"]
    assert isinstance(recommended, dict)
    assert recommended["model"] == "veo-3.1"
    assert recommended["because"].startswith("Google Veo 3.1")


async def test_where_none_can_make_it_the_list_comes_alone() -> None:
    output = await ListModels(SHOP).call(context(), ListModelsArguments(duration=90))

    assert set(output.result) == {"models"}


@pytest.mark.parametrize(
    "given", [{"provider": "replicate"}, {"need": "pretty"}, {"duration": 0}], ids=str
)
def test_anything_else_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ListModelsArguments.model_validate(given)
