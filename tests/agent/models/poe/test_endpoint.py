import pytest

from agent.models.poe.endpoint import POE, base_url


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("https://api.poe.com", POE),
        ("https://api.poe.com/", POE),
        ("https://api.poe.com/v1", POE),
        ("https://api.poe.com/v1/", POE),
        (" https://api.poe.com/v1/chat/completions\n", POE),
        ("http://127.0.0.1:11434", "http://127.0.0.1:11434/v1"),
        ("https://llm.example/openai/v1", "https://llm.example/openai/v1"),
        ("https://llm.example/api", "https://llm.example/api"),
        ("http://[::1]:8000", "http://[::1]:8000/v1"),
    ],
)
def test_the_base_is_found_however_the_address_is_written(given, base):
    assert base_url(given) == base


@pytest.mark.parametrize(
    "given",
    [
        "api.poe.com",
        "",
        "ftp://api.poe.com",
        "https://",
        "https://hunter2:hunter2@api.poe.com",
        "https://api.poe.com?key=hunter2",
        "https://api.poe.com/#hunter2",
        "https://api.poe.com:hunter2",
    ],
)
def test_what_is_no_address_is_refused_without_being_repeated(given):
    with pytest.raises(ValueError, match="it ") as refused:
        base_url(given)

    assert "hunter2" not in str(refused.value)
