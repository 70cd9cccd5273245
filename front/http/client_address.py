"""Where a request comes from, as far as that can be believed."""

import ipaddress
from collections.abc import Sequence

_IPV6_PREFIX = 64
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_network(peer: str, forwarded_for: Sequence[str], trusted_hops: int) -> str:
    """The client's address, or the /64 of an IPv6 one, which is what one client is given.

    ``forwarded_for``: the values of the ``X-Forwarded-For`` headers. Each of ``trusted_hops`` proxies
    has added, on the right, whom it was asked by; what stands to the left of that may be invented.
    """
    hops = [hop.strip() for value in forwarded_for for hop in value.split(",")]
    believed = hops[-trusted_hops:] if trusted_hops else []
    address = (_address(believed[0]) if believed else None) or _address(peer)
    if address is None:
        return peer
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))


def _address(text: str) -> _Address | None:
    """An address as proxies write it, perhaps with a port; None for anything else."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
