"""Where a stranger's URL may not lead, in every spelling that was ever used to get there."""

import socket
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.domain.hosts import Unreached, destination_of, is_public, refused_at_the_door

INWARD = [
    "http://127.0.0.1/",
    "http://127.0.0.1:8080/a.png",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0X7F.0x0.0x0.0x1/",
    "http://017700000001/",
    "http://0177.0.0.01/",
    "http://127.0.0.1./",
    "http://0/",
    "http://0.0.0.0/",
    "http://00000.0x/",
    "http://10.0.0.8/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.43518/",
    "http://2852039166/",
    "http://0xA9FEA9FE/",
    "http://0251.0376.0251.0376/",
    "http://100.100.100.200/",
    "http://192.0.0.192/",
    "http://168.63.129.16/",
    "http://１２７.０.０.１/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://127%2e0%2e0%2e1/",
    "http://%31%32%37.0.0.1/",
    "http://[::1]/",
    "http://[::]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::169.254.169.254]/",
    "http://[64:ff9b:1::10.0.0.1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a9fe:a9fe::1]/",
    "http://[2001:0:7f00:1::]/",
    "http://[2001:0:5db8:d822:0:0:80ff:fffe]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fe80::1%eth0]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[100::1]/",
    "http://[5f00::1]/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
    "http://app.localhost/",
    "http://metadata.google.internal/",
    "http://printer.local/",
    "http://nas.lan/",
    "http://router.home.arpa/",
    "http://redis/",
]
TRICKS = [
    "http://user@example.com/",
    "http://user:password@example.com/",
    "http://example.com@127.0.0.1/",
    "http://127.0.0.1@example.com/",
    "http://example.com\\@127.0.0.1/",
    "http://127.0.0.1\\.example.com/",
    "http://exa\tmple.com/",
    "http://example.com/\r\nHost: localhost",
    "http://example.com\0.png/",
    "http://256.1.1.1/",
    "http://1.2.3.4.5/",
    "http://1.2.3.0x1ffffff/",
    "http://09.1.1.1/",
    "http://4294967296/",
    "http://[::1/",
    "http://[not-an-address]/",
    "http://exa mple.com/",
    "http://example..com/",
    "http://-example.com/",
    "http://faß.example.com/",
    "http:///logo.png",
    "http://",
    "//example.com/logo.png",
    "example.com/logo.png",
    "ftp://example.com/logo.png",
    "file:///etc/passwd",
    "gopher://example.com:70/",
    "data:image/png;base64,AAAA",
    "javascript:alert(1)",
    "http://example.com:22/",
    "http://example.com:25/",
    "http://example.com:6379/",
    "http://example.com:0/",
    "http://example.com:99999/",
    "http://example.com:80a/",
    "",
    " ",
    "http://example.com/" + "x" * 5_000,
]


@pytest.mark.parametrize("url", INWARD)
def test_a_way_inside_is_refused_however_it_is_spelt(url):
    assert refused_at_the_door(url)


@pytest.mark.parametrize("url", TRICKS, ids=lambda url: repr(url)[:50])
def test_what_is_no_plain_address_of_an_image_is_refused(url):
    assert refused_at_the_door(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/logo.png",
        "HTTPS://Example.COM/logo.png",
        "http://example.com:8080/logo.png",
        "https://93.184.216.34/logo.png",
        "https://[2606:2800:220:1::1]:8443/logo.png",
        "http://[64:ff9b::5db8:d822]/",
        "https://bücher.example.com/ü.png",
        "https://cdn.example.com/a b.png?size=10&name=ä#top",
        "https://my_bucket.s3.example.com/x",
        "https://localhost.example.com/",
        "https://internal.example.com/",
        "  https://example.com/logo.png ",
    ],
)
def test_what_everybody_can_reach_is_let_in(url):
    assert refused_at_the_door(url) is None


@pytest.mark.parametrize(
    ("url", "host", "header", "path"),
    [
        ("https://Example.com", "example.com", "example.com", "/"),
        ("https://example.com:443/a", "example.com", "example.com", "/a"),
        ("http://example.com:8080/a?b=c#d", "example.com", "example.com:8080", "/a?b=c"),
        ("https://bücher.de/ü", "xn--bcher-kva.de", "xn--bcher-kva.de", "/%C3%BC"),
        ("https://a.example.com/x%20y z", "a.example.com", "a.example.com", "/x%20y%20z"),
        ("https://[2606:2800:220:1::1]/", "2606:2800:220:1::1", "[2606:2800:220:1::1]", "/"),
        ("http://1570298914/", "93.152.220.34", "93.152.220.34", "/"),
    ],
)
def test_a_url_is_taken_apart_once_for_all_who_use_it(url, host, header, path):
    destination = destination_of(url)

    assert (destination.host, destination.host_header, destination.path) == (host, header, path)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.216.34", True),
        ("::ffff:93.184.216.34", True),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::93.184.216.34", True),
        ("64:ff9b::10.0.0.1", False),
        ("2606:2800:220:1::1", True),
        ("fe80::1%eth0", False),
        ("192.88.99.1", False),
    ],
)
def test_an_address_is_judged_by_where_it_leads(address, expected):
    assert is_public(ip_address(address)) is expected


NUMBERS = st.one_of(
    st.integers(0, 255), st.integers(0, 2**32), st.sampled_from([127, 10, 0, 169, 254])
)
SPELLINGS = st.sampled_from(["{}", "{:#x}", "0{:o}", "0x000{:X}", "000{:o}"])
SPELT = st.builds(lambda spelling, number: spelling.format(number), SPELLINGS, NUMBERS)


@given(st.lists(SPELT, min_size=1, max_size=5))
def test_numbers_are_read_as_the_system_would_that_connects(labels):
    name = ".".join(labels)
    try:
        meant = socket.inet_ntoa(socket.inet_aton(name))
    except OSError:
        meant = None
    try:
        read = destination_of(f"http://{name}/").host
    except Unreached:
        read = None

    assert read == (meant if meant is not None and is_public(ip_address(meant)) else None)
