"""Whom a request is held to come from."""

from collections.abc import Sequence

import pytest

from front.http.client_address import client_network as network_of

PEER = "198.51.100.1"
PER_SITE = 16


def client_network(peer: str, forwarded_for: Sequence[str] = (), trusted_hops: int = 0) -> str:
    return network_of(peer, forwarded_for, trusted_hops, PER_SITE)


DOCUMENTATION = client_network("2001:db8::1")


@pytest.mark.parametrize(
    ("peer", "network"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
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
        ("[2001:db8::7]:4711", DOCUMENTATION),
        ("[2001:db8::7]", DOCUMENTATION),
        ("2001:db8::7", DOCUMENTATION),
    ],
)
def test_a_port_is_no_part_of_an_address(hop: str, network: str) -> None:
    assert client_network(PEER, [hop], trusted_hops=1) == network


def test_an_ipv6_client_is_its_64_wherever_in_it_it_is() -> None:
    assert client_network("2001:db8:1:2:3:4:5:6") == client_network("2001:db8:1:2:ffff::1")
    assert client_network("fe80::1%eth0") == client_network("fe80::2")


def test_neighbours_of_a_48_are_told_apart_up_to_a_number_of_them() -> None:
    site = {client_network(f"2001:db8:1:{number:x}::1") for number in range(1000)}
    assert len(site) == PER_SITE
    assert client_network("2001:db8:2::1") not in site
