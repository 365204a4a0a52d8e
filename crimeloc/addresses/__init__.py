"""Internet addresses as people and machines write them, and what they mean.

IPv4 and IPv6 live on one line of 128-bit numbers: IPv4 as ``::ffff:a.b.c.d``, so that an address
logged in either form is the same address.
"""

from __future__ import annotations

from crimeloc.addresses.columns import Addresses, parse_addresses
from crimeloc.addresses.faults import AddressFault
from crimeloc.addresses.parsing import (
    Address,
    network_blocks,
    network_text,
    parse_address,
    parse_network,
)
from crimeloc.addresses.special import (
    EMBEDDED,
    embedded_ipv4,
    is_private,
    special_kinds,
    with_embedded,
)

__all__ = [
    "EMBEDDED",
    "Address",
    "AddressFault",
    "Addresses",
    "embedded_ipv4",
    "is_private",
    "network_blocks",
    "network_text",
    "parse_address",
    "parse_addresses",
    "parse_network",
    "special_kinds",
    "with_embedded",
]
