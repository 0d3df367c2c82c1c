"""What a template's text may hold, and what no value can make of it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.library.language import WrongText, read_text

TEXT = (
    "Subject: {{ name }}\n{% if tagline %}\nTagline: {{ tagline|upper }}\n{% endif %}\nSound: none"
)


def test_words_stand_in_their_places_and_a_false_condition_leaves_no_line() -> None:
    assert read_text(TEXT).fill({"name": "Oaty", "tagline": ""}) == "Subject: Oaty\nSound: none"
    assert "Tagline: HI" in read_text(TEXT).fill({"name": "Oaty", "tagline": "hi"})


def test_what_can_come_out_is_known_before_it_does() -> None:
    text = read_text("ab{{ x }}{{ y if z else x }}{% if w %}c{% endif %}")

    assert text.names == {"x", "y", "z", "w"}
    assert sorted(text.printed) == ["x", "x", "y"]
    assert text.own_chars == 3


REFUSED = [
    ("a loop", "{% for x in range(9) %}{{ x }}{% endfor %}"),
    ("a call", "{{ name() }}"),
    ("a method", "{{ name.format(1) }}"),
    ("its insides", "{{ name.__class__.__mro__ }}"),
    ("an index", "{{ name[0] }}"),
    ("arithmetic that grows", "{{ 'x' * 1000000000 }}"),
    ("a power", "{{ 9 ** 9 ** 9 }}"),
    ("a variable of its own", "{% set x = name %}{{ x }}"),
    ("a macro", "{% macro m() %}{% endmacro %}"),
    ("another file", "{% include '/etc/passwd' %}"),
    ("another template", "{% extends 'x' %}"),
    ("an import", "{% import 'os' as os %}"),
    ("a filter that grows", "{{ name|center(100000000) }}"),
    ("a filter over attributes", "{{ name|map(attribute='__class__') }}"),
    ("a filter with arguments", "{{ name|trim('x') }}"),
    ("a test", "{{ name is defined }}"),
    ("a list", "{{ [name] }}"),
    ("nothing that ends", "{% if name %}"),
    ("a lonely brace", "{{ name }"),
    ("depth without an end", "{{ " + "(" * 3000 + "name" + ")" * 3000 + " }}"),
]


@pytest.mark.parametrize(("what", "source"), REFUSED, ids=[what for what, _ in REFUSED])
def test_what_is_not_filling_in_words_is_refused_with_its_line(what: str, source: str) -> None:
    with pytest.raises(WrongText, match=r"^line \d+: "):
        read_text(source)


def test_the_line_is_the_texts_own() -> None:
    with pytest.raises(WrongText, match=r"^line 3: a loop is not part"):
        read_text("Subject: x\n\n{% for x in y %}{% endfor %}")


def test_a_refusal_comes_before_anything_is_worked_out() -> None:
    began = time.process_time()

    with pytest.raises(WrongText):
        read_text("{{ 'x' * 9999999999 }}")
    assert time.process_time() - began < 1


def test_a_name_without_a_value_is_an_error_and_not_a_hole() -> None:
    with pytest.raises(Exception, match="'name' is undefined"):
        read_text("Subject: {{ name }}").fill({})


@given(st.text(max_size=200))
def test_a_value_is_never_read_as_template(value: str) -> None:
    text = read_text("<{{ name }}>")

    first = text.compiled.render({"name": value})

    assert first == f"<{value}>"
