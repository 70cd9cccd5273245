"""Where a request comes from, as far as that can be believed."""

import hashlib
import ipaddress
from collections.abc import Sequence

_CLIENT_PREFIX = 64
_SITE_PREFIX = 48
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_network(peer: str, forwarded_for: Sequence[str], trusted_hops: int, per_site: int) -> str:
    """The client's address; for IPv6 the same for a whole /64, which is what one client is given, and one of
    ``per_site`` for each /48, which is what one customer may be given: so he is no more than so many clients.

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
    client, site = (
        ipaddress.ip_network((address, prefix), strict=False) for prefix in (_CLIENT_PREFIX, _SITE_PREFIX)
    )
    return f"{site} {_spread(client.network_address.packed, per_site)}"


def _spread(client: bytes, among: int) -> int:
    """The same number at every replica, and about as often as any other."""
    return int.from_bytes(hashlib.sha256(client).digest()[:8]) % among


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
