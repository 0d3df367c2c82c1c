"""The file of templates is read whole or refused with the template and the reason."""

from pathlib import Path

import pytest

from tools.library.reading import WrongTemplates, read_templates

GOOD = """
[[template]]
key = "one"
title = "One"
description = "The first"
aspect_ratio = "16:9"
length = 6
prompt = "Subject: $productName"
[[template.parameter]]
name = "productName"
question = "Which product?"
max_chars = 100
"""


def test_an_operators_own_template_is_read(tmp_path: Path) -> None:
    file = tmp_path / "templates.toml"
    file.write_text(GOOD)

    (template,) = read_templates(file, default_model="draft")
    assert (template.key, template.model_key, template.length_s) == ("one", "draft", 6)


WRONG = [
    ("not toml", "x", "templates.toml: "),
    ("no rows", "", "[[template]]"),
    ("unknown field", GOOD.replace("length", "seconds"), "template 1 (one): "),
    ("a place for nothing", GOOD.replace("$productName", "$colour"), "colour"),
    ("a lonely dollar", GOOD.replace("$productName", "5$ off"), "$"),
    ("could be too long", GOOD.replace("max_chars = 100", "max_chars = 4000"), "4000"),
    ("the same key twice", GOOD + GOOD, "template 2 (one): this key"),
    (
        "placements nobody can choose",
        GOOD
        + '[template.placements.tv]\naspect_ratio = "16:9"\nlength = 6\nstyle = "s"\n'
        + 'source = "s"\nchecked_on = 2026-11-22\n',
        "platform",
    ),
]


@pytest.mark.parametrize(("why", "text", "said"), WRONG, ids=[w[0] for w in WRONG])
def test_a_wrong_file_is_refused_with_template_and_reason(
    why: str, text: str, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "templates.toml"
    file.write_text(text)

    with pytest.raises(WrongTemplates) as refused:
        read_templates(file, default_model="draft")
    assert said in str(refused.value)
