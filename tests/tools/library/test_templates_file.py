"""Template files are read whole or refused with the file, the line, the template and the reason."""

from pathlib import Path

import pytest

from tools.library.library import Library, fill
from tools.library.reading import OWN_FOLDER, OWN_ORDER, WrongTemplates, read_templates

GOOD = """
[[template]]
key = "one"
title = "One"
description = "The first"
aspect_ratio = "16:9"
length = 6
prompt = "Subject: {{ productName }}"
[[template.parameter]]
name = "productName"
question = "Which product?"
max_chars = 100
"""
SIZED = (
    GOOD
    + """[[template.parameter]]
name = "size"
question = "How large?"
"""
)
PLACED = """[template.placements.tv]
aspect_ratio = "16:9"
length = 6
style = "s"
source = "s"
checked_on = 2026-11-22
"""
PLATFORM = """[[template.parameter]]
name = "platform"
question = "Where?"
type = "choice"
choices = ["tv"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mine.toml"


def test_every_file_of_ours_is_read() -> None:
    assert sorted(file.stem for file in OWN_FOLDER.glob("*.toml")) == sorted(OWN_ORDER)
    assert tuple(t.key for t in read_templates(default_model="draft")) == OWN_ORDER


def test_an_operators_own_template_stands_behind_ours(file: Path) -> None:
    file.write_text(GOOD)

    templates = read_templates(file, default_model="draft")

    assert [template.key for template in templates] == [*OWN_ORDER, "one"]
    assert (templates[-1].model_key, templates[-1].length_s) == ("draft", 6)


def test_a_folder_is_read_file_by_file_and_only_its_toml(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text(GOOD)
    (tmp_path / "a.toml").write_text(GOOD.replace("one", "two").replace("One", "Two"))
    (tmp_path / "notes.txt").write_text("not a template")
    (tmp_path / ".hidden.toml").write_text("not a template")

    templates = read_templates(tmp_path, default_model="draft")

    assert [template.key for template in templates] == [*OWN_ORDER, "two", "one"]


def test_a_template_with_a_key_of_ours_takes_its_place(file: Path) -> None:
    file.write_text(GOOD.replace('"one"', '"product-showcase"'))

    templates = read_templates(file, default_model="draft")

    assert tuple(template.key for template in templates) == OWN_ORDER
    assert Library(templates).template("product-showcase").title == "One"


def test_every_kind_of_parameter_is_read(file: Path) -> None:
    extra = """[[template.parameter]]
name = "days"
question = "How many days?"
type = "integer"
min = 1
max = 30
default = 7
[[template.parameter]]
name = "mood"
question = "Which mood?"
type = "choice"
choices = ["calm", "bold"]
required = false
[[template.parameter]]
name = "photo"
question = "Which photo?"
type = "upload"
role = "product"
"""
    words = (
        "Subject: {{ productName }}{% if mood %}, {{ mood|upper }}{% endif %} for {{ days }} days"
    )
    file.write_text(GOOD.replace("Subject: {{ productName }}", words) + extra)

    template = Library(read_templates(file, default_model="draft")).template("one")
    filled = fill(template, {"productName": "Oaty", "mood": "Bold", "photo": "upload-1"})

    assert filled.prompt == "Subject: Oaty, BOLD for 7 days"
    assert filled.uploads == ("upload-1",)
    assert [name for name, _ in fill(template, {}).missing] == ["productName", "photo"]


WRONG = [
    ("not toml", "x = 1\nx", "mine.toml: ", "after a key"),
    ("no rows", "", "mine.toml: ", "[[template]]"),
    ("rows of something else", "template = [1]", "template 1 (without a key)", ""),
    ("unknown field", GOOD.replace("length", "seconds"), "mine.toml, line 2, template 1 (one)", ""),
    ("a name without a parameter", GOOD.replace("{{ productName", "{{ colour"), "colour", ""),
    ("a loop", GOOD.replace("{{ productName }}", "{% for x in y %}{% endfor %}"), "a loop", ""),
    ("a call", GOOD.replace("productName }}", "productName() }}"), "prompt, line 1: a call", ""),
    ("half a place", GOOD.replace("{{ productName }}", "{{ productName"), "prompt, line 1", ""),
    ("could be too long", GOOD.replace("max_chars = 100", "max_chars = 4000"), "4000", ""),
    (
        "the same key twice",
        GOOD + GOOD.replace("One", "Two"),
        "template 2 (one): this key",
        "line 2",
    ),
    ("a title of ours", GOOD.replace('"One"', '"Logo Sting"'), "already the name of", "logo-sting"),
    ("the same parameter twice", GOOD + SIZED.partition("100\n")[2] * 2, "the same name", ""),
    ("placements nobody can choose", GOOD + PLACED, "choices of `platform`", ""),
    (
        "placements that may be left open",
        GOOD + PLATFORM + "required = false\n" + PLACED,
        "required, or have a default",
        "",
    ),
    ("choices without the type", SIZED + 'choices = ["s", "m"]', "choices belong", "parameter.1"),
    ("the type without choices", SIZED + 'type = "choice"', "choices belong", ""),
    ("a type nobody knows", SIZED + 'type = "colour"', "parameter.1.type", ""),
    ("a range for words", SIZED + "max = 3", "min and max", ""),
    ("a range that is none", SIZED + 'type = "integer"\nmin = 3\nmax = 1', "less than min", ""),
    (
        "a default out of range",
        SIZED + 'type = "integer"\nmax = 3\ndefault = 4',
        "default: size",
        "",
    ),
    ("a role for words", SIZED + 'role = "logo"', "role belongs", ""),
    (
        "an image in the words",
        SIZED.replace("productName }}", "size }}") + 'type = "upload"',
        "is an image",
        "",
    ),
    (
        "a comparison that fails when nothing is given",
        SIZED.replace("{{ productName }}", "{% if size > 3 %}x{% endif %}{{ productName }}")
        + 'type = "integer"\nrequired = false',
        "cannot be filled",
        "",
    ),
    (
        "a prompt that can be empty",
        SIZED.replace("Subject: {{ productName }}", "{{ size }}") + "required = false",
        "come out empty",
        "",
    ),
]


@pytest.mark.parametrize(("why", "text", "said", "also"), WRONG, ids=[w[0] for w in WRONG])
def test_a_wrong_file_is_refused_with_template_and_reason(
    why: str, text: str, said: str, also: str, file: Path
) -> None:
    file.write_text(text)

    with pytest.raises(WrongTemplates) as refused:
        read_templates(file, default_model="draft")
    assert said in str(refused.value)
    assert also in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_line_is_that_of_the_template_and_the_prompts_own(file: Path) -> None:
    prompt = '"""\nSubject: {{ productName }}\n{{ 2 * 3 }}\n"""'
    second = GOOD.replace('"one"', '"two"').replace('"One"', '"Two"')
    file.write_text(GOOD + second.replace('"Subject: {{ productName }}"', prompt))

    with pytest.raises(
        WrongTemplates, match=r"mine\.toml, line 14, template 2 \(two\): prompt, line 2"
    ):
        read_templates(file, default_model="draft")


def test_two_files_with_the_same_key_are_refused_with_both_names(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(GOOD)
    (tmp_path / "b.toml").write_text(GOOD)

    with pytest.raises(WrongTemplates, match=r"b\.toml.*already taken by a\.toml"):
        read_templates(tmp_path, default_model="draft")


@pytest.mark.parametrize("exists", [True, False], ids=["an empty folder", "nothing"])
def test_a_path_without_templates_is_refused(exists: bool, tmp_path: Path) -> None:
    path = tmp_path / "templates"
    if exists:
        path.mkdir()

    with pytest.raises(WrongTemplates, match="templates"):
        read_templates(path, default_model="draft")


def test_a_model_that_nobody_has_is_refused_with_the_known_ones(file: Path) -> None:
    file.write_text(GOOD.replace("length", 'model = "sora-9"\nlength'))

    with pytest.raises(
        WrongTemplates, match=r"line 2, template 1 \(one\): .*'sora-9'.*sora-2-pro, draft"
    ):
        read_templates(file, default_model="draft", known_models=("sora-2-pro", "draft"))


def test_ours_take_the_default_where_an_operators_catalogue_lacks_the_model_they_name() -> None:
    templates = read_templates(default_model="draft", known_models=("draft",))

    assert {template.model_key for template in templates} == {"draft"}
