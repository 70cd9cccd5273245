"""Whom a request is held to come from."""

import pytest

from front.http.client_address import client_network

PEER = "198.51.100.1"


@pytest.mark.parametrize(
    ("peer", "network"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("/run/front.sock", "/run/front.sock"),
    ],
)
def test_without_a_proxy_it_is_the_peer(peer: str, network: str) -> None:
    assert client_network(peer, ["203.0.113.9"], trusted_hops=0) == network


@pytest.mark.parametrize(
    ("trusted_hops", "network"), [(1, "192.0.2.3"), (2, "192.0.2.2"), (3, "192.0.2.1"), (9, "192.0.2.1")]
)
def test_each_trusted_proxy_is_believed_one_hop(trusted_hops: int, network: str) -> None:
    forwarded_for = ["192.0.2.1, 192.0.2.2", "192.0.2.3"]
    assert client_network(PEER, forwarded_for, trusted_hops) == network


def test_what_a_client_invents_is_not_believed() -> None:
    assert client_network(PEER, ["10.0.0.1, 192.0.2.7"], trusted_hops=1) == "192.0.2.7"


@pytest.mark.parametrize("forwarded_for", [[], [""], ["unknown"], ["192.0.2.7, _hidden"]])
def test_where_a_proxy_tells_nothing_it_is_the_peer(forwarded_for: list[str]) -> None:
    assert client_network(PEER, forwarded_for, trusted_hops=1) == PEER


@pytest.mark.parametrize(
    ("hop", "network"),
    [
        ("192.0.2.7:4711", "192.0.2.7"),
        ("[2001:db8::7]:4711", "2001:db8::/64"),
        ("[2001:db8::7]", "2001:db8::/64"),
        ("2001:db8::7", "2001:db8::/64"),
    ],
)
def test_a_port_is_no_part_of_an_address(hop: str, network: str) -> None:
    assert client_network(PEER, [hop], trusted_hops=1) == network
