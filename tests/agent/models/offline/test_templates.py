import pytest

from agent.models.offline.templates import answers_in

ANSWERS = [
    ("Oatly", ["productName"], {"productName": "Oatly"}),
    ("It's called Oatly.", ["productName"], {"productName": "Oatly"}),
    ("Our brand is Brot & Co", ["productName"], {"productName": "Brot & Co"}),
    ("TikTok please", ["platform"], {"platform": "tiktok"}),
    ("LinkedIn", ["platform"], {"platform": "LinkedIn"}),
    (
        "product: Aero, description: light, fast and red",
        ["productName", "productDescription"],
        {"productName": "Aero", "productDescription": "light, fast and red"},
    ),
    (
        "Description: light\nProduct: Aero",
        ["productName", "productDescription"],
        {"productName": "Aero", "productDescription": "light"},
    ),
    (
        "Aero\nA light shoe, made of nets",
        ["productName", "productDescription"],
        {"productName": "Aero", "productDescription": "A light shoe, made of nets"},
    ),
    (
        "Aero, a light shoe, made of nets",
        ["productName", "productDescription"],
        {"productName": "Aero", "productDescription": "a light shoe, made of nets"},
    ),
    ("Aero", ["productName", "productDescription"], {"productName": "Aero"}),
    (
        "Summer sale, on Facebook",
        ["concept", "platform"],
        {"concept": "Summer sale", "platform": "facebook"},
    ),
    ("for Instagram", ["concept", "platform"], {"platform": "instagram"}),
    ("", ["productName"], {}),
]


@pytest.mark.parametrize(("text", "missing", "values"), ANSWERS)
def test_an_answer_is_read_by_label_by_line_by_comma_or_whole(text, missing, values):
    assert answers_in(text, missing) == values
