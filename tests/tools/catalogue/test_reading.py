"""Our models as they are published and ordered, and an operator's file over ours or refused."""

import re
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from tools.catalogue.reading import OWN_FILE, WrongCatalogue, read_models
from tools.domain.frames import AspectRatio, Frame
from tools.domain.models import ImageUse, Quality, Sound, VideoModel
from tools.domain.money import Money

WIDE, TALL, SQUARE = AspectRatio.WIDE, AspectRatio.TALL, AspectRatio.SQUARE
MODELS = {model.key: model for model in read_models()}
SOLD = [model for model in MODELS.values() if model.slug is not None]


# -- our own rows ----------------------------------------------------------------------------------


def test_the_seeds_four_come_first_and_the_draft_last() -> None:
    assert list(MODELS) == [
        "sora-2-pro",
        "veo-3.1",
        "runway-gen3",
        "runway-gen2",
        "runway-gen4.5",
        "veo-3.1-fast",
        "kling-v3",
        "seedance-2.0",
        "hailuo-2.3",
        "wan-3",
        "draft",
    ]


SEED = [
    ("sora-2-pro", "OpenAI Sora 2 Pro", 5, 60, True, Quality.HIGHEST),
    ("veo-3.1", "Google Veo 3.1", 4, 8, True, Quality.HIGH),
    ("runway-gen3", "Runway Gen-3", 4, 60, False, Quality.HIGH),
    ("runway-gen2", "Runway Gen-2", 4, 60, False, Quality.GOOD),
    ("draft", "Draft animatic", 4, 60, True, Quality.GOOD),
]


@pytest.mark.parametrize("published", SEED, ids=[row[0] for row in SEED])
def test_a_model_is_published_as_the_seed_has_it(
    published: tuple[str, str, int, int, bool, Quality],
) -> None:
    model = MODELS[published[0]]

    assert published == (
        model.key,
        model.name,
        model.lengths.low_s,
        model.lengths.high_s,
        model.supports_references,
        model.quality,
    )


@pytest.mark.parametrize(
    ("key", "day", "first"),
    [
        ("sora-2-pro", date(2026, 9, 24), "veo-3.1"),
        ("runway-gen3", date(2026, 7, 30), "runway-gen4.5"),
        ("runway-gen2", None, "runway-gen4.5"),
    ],
)
def test_the_dead_say_since_when_and_who_takes_over(key: str, day: date | None, first: str) -> None:
    lifecycle = MODELS[key].lifecycle

    assert MODELS[key].is_retired
    assert (lifecycle.retired_on, lifecycle.replacements[0]) == (day, first)


@pytest.mark.parametrize("model", [m for m in SOLD if not m.is_retired], ids=lambda m: m.key)
def test_a_living_model_names_who_takes_over_when_it_fails(model: VideoModel) -> None:
    assert model.lifecycle.replacements


@pytest.mark.parametrize("key", ["runway-gen3", "runway-gen2"])
def test_what_never_was_at_the_provider_has_no_slug_and_no_price(key: str) -> None:
    assert (MODELS[key].slug, MODELS[key].prices) == (None, ())


def test_one_schema_was_never_read_and_the_others_say_when() -> None:
    assert {model.key: model.schema_read_on for model in SOLD} == {
        "sora-2-pro": date(2026, 10, 6),
        "veo-3.1": date(2026, 10, 6),
        "runway-gen4.5": date(2026, 4, 23),
        "veo-3.1-fast": date(2026, 10, 6),
        "kling-v3": date(2026, 10, 6),
        "seedance-2.0": date(2026, 10, 6),
        "hailuo-2.3": date(2026, 10, 6),
        "wan-3": None,
    }


PRICES = [
    ("sora-2-pro", 8, True, "2.40"),
    ("veo-3.1", 8, True, "3.20"),
    ("veo-3.1", 8, False, "1.60"),
    ("runway-gen4.5", 5, False, "0.60"),
    ("veo-3.1-fast", 8, True, "1.20"),
    ("veo-3.1-fast", 8, False, "0.80"),
    ("kling-v3", 5, True, "1.68"),
    ("kling-v3", 5, False, "1.12"),
    ("seedance-2.0", 5, True, "2.25"),
    ("hailuo-2.3", 6, False, "0.28"),
    ("hailuo-2.3", 10, False, "0.56"),
    ("wan-3", 30, True, "6.00"),
    ("draft", 60, False, "0"),
]


@pytest.mark.parametrize(("key", "clip_s", "sound", "price"), PRICES)
def test_a_clip_costs_what_was_read(key: str, clip_s: int, sound: bool, price: str) -> None:
    assert MODELS[key].price(clip_s, sound=sound) == Money.usd(price)


@pytest.mark.parametrize("model", SOLD, ids=lambda m: m.key)
def test_every_price_says_on_which_day_it_was_read(model: VideoModel) -> None:
    assert model.prices_read_on is not None


FIXED = {
    "sora-2-pro": {"resolution": "standard"},
    "veo-3.1": {"resolution": "1080p"},
    "runway-gen4.5": {},
    "veo-3.1-fast": {"resolution": "1080p"},
    "kling-v3": {"mode": "pro"},
    "seedance-2.0": {"resolution": "1080p"},
    "hailuo-2.3": {"resolution": "768p", "prompt_optimizer": False},
    "wan-3": {"resolution": "1080p"},
}


@pytest.mark.parametrize(("key", "fixed"), FIXED.items())
def test_every_input_that_costs_is_sent_as_it_was_priced(
    key: str, fixed: dict[str, object]
) -> None:
    assert MODELS[key].inputs.fixed == fixed


@pytest.mark.parametrize("model", SOLD, ids=lambda m: m.key)
def test_sound_that_costs_is_always_asked_for_or_declined(model: VideoModel) -> None:
    is_switch = model.sound is Sound.SWITCH

    assert model.inputs.sound == ("generate_audio" if is_switch else None)


def test_soras_inputs_have_their_real_names_and_values() -> None:
    inputs = MODELS["sora-2-pro"].inputs

    assert (inputs.length, inputs.aspect_ratio) == ("seconds", "aspect_ratio")
    assert inputs.aspect_values == {WIDE: "landscape", TALL: "portrait"}
    assert [(image.name, image.most) for image in inputs.images] == [("input_reference", 1)]


def test_a_shape_is_called_as_we_call_it_where_nothing_else_is_written() -> None:
    assert MODELS["kling-v3"].inputs.aspect_values == {WIDE: "16:9", TALL: "9:16", SQUARE: "1:1"}


def test_hailuo_is_not_told_its_shape() -> None:
    hailuo = MODELS["hailuo-2.3"]

    assert (hailuo.inputs.aspect_ratio, hailuo.inputs.aspect_values) == (None, {})
    assert hailuo.sizes == {WIDE: Frame(1366, 768)}


def test_every_model_that_is_sold_goes_on_from_the_last_picture_of_a_clip() -> None:
    names = {model.key: model.continues.name for model in SOLD if model.continues}

    assert names == {
        "sora-2-pro": "input_reference",
        "veo-3.1": "image",
        "runway-gen4.5": "image",
        "veo-3.1-fast": "image",
        "kling-v3": "start_image",
        "seedance-2.0": "image",
        "hailuo-2.3": "first_frame_image",
        "wan-3": "image",
    }


def test_veos_references_have_their_conditions() -> None:
    references = MODELS["veo-3.1"].inputs.images[0]

    assert (references.use, references.most) == (ImageUse.REFERENCE, 3)
    assert references.is_list
    assert references.takes(WIDE, 8)
    assert not references.takes(TALL, 8)
    assert not references.takes(WIDE, 6)


def test_the_draft_is_free_local_and_takes_images_as_they_are() -> None:
    draft = MODELS["draft"]

    assert (draft.provider, draft.is_draft, draft.max_reference_images) == ("local", True, 10)
    assert draft.inputs.images[0].as_given
    assert draft.price_per_second == Money()


# -- an operator's file over ours ------------------------------------------------------------------


def over(tmp_path: Path, text: str) -> dict[str, VideoModel]:
    file = tmp_path / "models.toml"
    file.write_text(text)
    return {model.key: model for model in read_models(file)}


NEW_ROW = """
[[model]]
key = "one"
name = "One"
description = "The first"
provider = "replicate"
slug = "somebody/one"
quality = "good"
lengths = { min = 4, max = 60 }
clip_lengths = [4, 8]
sizes = { "16:9" = "1280x720", "9:16" = "720x1280" }
sound = "switch"
prices = { with_sound = "0.20", without_sound = "0.10" }
prices_read_on = 2026-11-22
typical_s = { min = 1, max = 2 }
schema_read_on = 2026-11-22

[model.inputs]
aspect_ratio = "aspect_ratio"
sound = "generate_audio"
fixed = { resolution = "720p" }

[[model.inputs.images]]
name = "image"
use = "first_frame"
most = 1
"""


def test_where_the_day_is_not_known_one_by_which_it_was_gone_is() -> None:
    gen2, gen3 = MODELS["runway-gen2"].lifecycle, MODELS["runway-gen3"].lifecycle

    assert gen2.gone_by == gen3.retired_on


def test_three_lines_revive_sora(tmp_path: Path) -> None:
    sora = over(tmp_path, '[[model]]\nkey = "sora-2-pro"\nstate = "active"\n')["sora-2-pro"]

    assert not sora.is_retired
    assert sora.lifecycle.retired_on is None
    assert (sora.slug, sora.clip_lengths) == ("openai/sora-2-pro", (4, 8, 12))


def test_a_row_changes_only_the_fields_it_names_and_a_table_field_by_field(tmp_path: Path) -> None:
    text = """
[[model]]
key = "veo-3.1"
prices = { with_sound = "0.35" }
inputs.fixed.resolution = "720p"
"""
    veo = over(tmp_path, text)["veo-3.1"]

    assert veo.price(8, sound=True) == Money.usd("2.80")
    assert veo.price(8, sound=False) == Money.usd("1.60")
    assert veo.inputs.fixed == {"resolution": "720p"}
    assert veo.inputs.sound == "generate_audio"


def test_a_list_takes_the_place_of_ours(tmp_path: Path) -> None:
    text = """
[[model]]
key = "kling-v3"
clip_lengths = [5, 10]
replacements = ["veo-3.1-fast"]
"""
    kling = over(tmp_path, text)["kling-v3"]

    assert kling.clip_lengths == (5, 10)
    assert kling.lifecycle.replacements == ("veo-3.1-fast",)


def test_what_an_operator_changes_stays_in_its_place(tmp_path: Path) -> None:
    changed = over(tmp_path, '[[model]]\nkey = "veo-3.1"\nname = "Veo"\n')

    assert list(changed) == list(MODELS)
    assert changed["veo-3.1"].name == "Veo"


def test_a_new_model_comes_behind_ours_and_before_the_draft(tmp_path: Path) -> None:
    models = over(tmp_path, NEW_ROW)

    assert list(models)[-3:] == ["wan-3", "one", "draft"]
    assert models["one"].inputs.aspect_values == {WIDE: "16:9", TALL: "9:16"}


def test_a_new_model_may_take_over_for_one_of_ours(tmp_path: Path) -> None:
    text = NEW_ROW + '\n[[model]]\nkey = "veo-3.1"\nreplacements = ["one"]\n'

    assert over(tmp_path, text)["veo-3.1"].lifecycle.replacements == ("one",)


def test_one_of_ours_can_be_retired(tmp_path: Path) -> None:
    text = '[[model]]\nkey = "wan-3"\nstate = "retired"\nretired_on = 2026-12-01\n'

    assert over(tmp_path, text)["wan-3"].lifecycle.retired_on == date(2026, 12, 1)


EXAMPLES = re.findall(
    r"```toml\n(.*?)```", OWN_FILE.with_name("README.md").read_text(encoding="utf-8"), re.DOTALL
)


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_the_readme_shows_an_operator_is_read(example: str, tmp_path: Path) -> None:
    assert len(over(tmp_path, example)) >= len(MODELS)


# -- a wrong file ----------------------------------------------------------------------------------


def row(old: str, new: str) -> str:
    assert old in NEW_ROW
    return NEW_ROW.replace(old, new)


SORA = '[[model]]\nkey = "sora-2-pro"\n'
PRICED = '{ with_sound = "0.20", without_sound = "0.10" }'
LISTED = 'name = "image"\nuse = "first_frame"'

WRONG = [
    ("not TOML", "key = 1\n= 2\n", "line 2: Invalid statement"),
    ("no rows", "", "it has to be a list of [[model]] and nothing else"),
    ("something else", SORA + "[extra]\n", "line 3: it has to be a list"),
    ("no table", "model = [1]\n", "line 1, model 1 (without a key): key"),
    ("no key", '[[model]]\nname = "x"\n', "line 1, model 1 (without a key): key"),
    ("the same key twice", SORA + SORA, "line 4, model 2 (sora-2-pro): key: this key is already"),
    ("an unknown field", SORA + "colour = 1\n", "line 3, model 1 (sora-2-pro): colour"),
    ("an unknown field inside", SORA + "[model.inputs]\nx = 1\n", "line 4, model 1 (sora-2-pro)"),
    ("a new key with a few fields", '[[model]]\nkey = "sora-2"\nname = "S"\n', "a new one needs it"),
    ("no provider of ours", row('"replicate"', '"elsewhere"'), "line 6, model 1 (one): provider"),
    ("lengths upside down", row("min = 4, max = 60", "min = 4, max = 3"), "line 9, model 1 (one)"),
    ("an unknown ratio", row('"9:16" =', '"4:3" ='), "line 11, model 1 (one): sizes"),
    ("a size of another shape", row('"720x1280"', '"1280x720"'), "not the shape of 9:16"),
    ("an odd size", row('"720x1280"', '"721x1280"'), "line 11, model 1 (one): sizes.9:16"),
    ("a float for a price", row('"0.20"', "0.20"), "line 13, model 1 (one): prices.with_sound"),
    ("no price without sound", row(', without_sound = "0.10"', ""), "without_sound is missing"),
    ("a clip without price", row(PRICED, PRICED.replace('"0.20"', '{ 4 = "1" }')), "of 8 seconds"),
    ("no day of the price", row("prices_read_on = 2026-11-22\n", ""), "prices_read_on: it is missing"),
    ("no slug", row('slug = "somebody/one"\n', ""), "slug: it is missing"),
    ("no clips", row("clip_lengths = [4, 8]\n", ""), "clip_lengths: it is missing"),
    ("no way to 60 s", row("first_frame", "reference"), "line 9, model 1 (one): lengths: 60 seconds"),
    (
        "first frames with conditions",
        row("most = 1", "most = 1\nclip_lengths = [8]"),
        "line 9, model 1 (one): lengths: 60 seconds",
    ),
    ("a switch without input", row('sound = "generate_audio"\n', ""), "inputs.sound: it is missing"),
    ("an input without switch", row('"switch"', '"always"'), "line 20, model 1 (one): inputs.sound"),
    ("shapes untold", row('aspect_ratio = "aspect_ratio"\n', ""), "inputs.aspect_ratio: it is missing"),
    (
        "a value for no shape of its own",
        row("fixed =", 'aspect_values = { "1:1" = "square" }\nfixed ='),
        "line 21, model 1 (one): inputs.aspect_values.1:1",
    ),
    ("an input twice", row("resolution =", "generate_audio ="), "line 21, model 1 (one)"),
    ("a secret", row("resolution =", "openai_api_key ="), "looks like a secret: it is never sent"),
    (
        "a condition that never comes true",
        row("most = 1", 'most = 1\naspect_ratios = ["1:1"]'),
        "line 27: inputs.images.0.aspect_ratios: the model makes no 1:1",
    ),
    ("a clip it does not make", row("most = 1", "most = 1\nclip_lengths = [6]"), "no clips of 6"),
    ("two first frames", row("most = 1", "most = 2\nlist = true"), "begins with one picture"),
    (
        "several images that are no list",
        row(LISTED + "\nmost = 1", 'name = "image"\nuse = "reference"\nmost = 2'),
        "inputs.images.0.list: more than one image",
    ),
    ("a draft elsewhere", row('quality = "good"', 'quality = "good"\nis_draft = true'), "is_draft"),
    ("a stranger takes over", SORA + 'replacements = ["two"]\n', "line 3, model 1 (sora-2-pro)"),
    ("itself takes over", SORA + 'replacements = ["sora-2-pro"]\n', "no other model 'sora-2-pro'"),
    ("dead and alive", SORA + 'state = "active"\nretired_on = 2026-01-01\n', "line 4, model 1"),
    ("gone and alive", SORA + 'state = "active"\ngone_by = 2026-01-01\n', "line 4, model 1"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "text", "said"), WRONG, ids=[wrong[0] for wrong in WRONG])
def test_a_wrong_file_is_refused_with_line_row_and_reason(
    why: str, text: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(WrongCatalogue) as refused:
        over(tmp_path, text)
    assert said in str(refused.value)
    assert str(refused.value).startswith("models.toml")
    assert "\n" not in str(refused.value)


def test_a_refusal_names_every_wrong_field_on_its_line(tmp_path: Path) -> None:
    with pytest.raises(WrongCatalogue) as refused:
        over(tmp_path, SORA + 'colour = 1\nquality = "best"\n')

    assert str(refused.value) == (
        "models.toml, line 3, model 1 (sora-2-pro): colour: Extra inputs are not permitted; "
        "line 4: quality: Input should be 'highest', 'high' or 'good'"
    )


def test_a_row_is_found_behind_a_text_of_several_lines_that_looks_like_one(tmp_path: Path) -> None:
    text = (
        '[[model]]\nkey = "veo-3.1"\ndescription = """\n[[model]]\nkey = 1"""\n' + SORA + "x = 1\n"
    )

    with pytest.raises(WrongCatalogue, match=r"line 8, model 2 \(sora-2-pro\): x"):
        over(tmp_path, text)


def test_no_value_of_a_refused_field_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongCatalogue) as refused:
        over(tmp_path, row('{ resolution = "720p" }', '{ "openai_api_key" = "sk-123" }'))

    assert "sk-123" not in str(refused.value)


FIELDS = [
    "name", "provider", "slug", "quality", "is_draft", "state", "retired_on", "gone_by", "replacements",
    "lengths", "clip_lengths", "sizes", "sound", "prices", "prices_read_on", "typical_s",
    "schema_read_on", "inputs", "inputs.length", "inputs.aspect_values", "inputs.fixed",
    "inputs.images", "prices.with_sound", "lengths.max", "sizes.'16:9'",
]  # fmt: skip
ODD = ["[]", "{ x = 1 }", "''", "-1", "1e400", "[[1]]"]


@pytest.mark.parametrize("field", FIELDS)
def test_whatever_stands_in_a_field_the_file_is_read_or_refused(field: str, tmp_path: Path) -> None:
    for odd in ODD:
        with suppress(WrongCatalogue):
            over(tmp_path, f'[[model]]\nkey = "veo-3.1"\n{field} = {odd}\n')


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(WrongCatalogue, match=r"gone\.toml"):
        read_models(tmp_path / "gone.toml")
