"""Why a text is no address: one sentence for each fault, under a name that does not change."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["FAULTS", "AddressFault"]

FAULTS: Mapping[str, str] = MappingProxyType(
    {
        "address.above-255": "{shown} has a part above 255",
        "address.bare-number": (
            "{shown} is a bare number: an address written as one, or something else?"
        ),
        "address.direction-marks": "{shown} has marks that change the direction of writing",
        "address.hexadecimal": "{shown} is hexadecimal",
        "address.leading-zero": "{shown} has a leading zero: octal or decimal?",
        "address.long": "a text of {count} characters",
        "address.many": "{shown} is more than one address",
        "address.network": "{shown} is a network, not an address",
        "address.no-ip": "{shown} is no IP address",
        "address.no-ipv6": "{shown} is no IPv6 address",
        "address.none": "no address",
        "address.nul": "{shown} has a NUL",
        "address.parts": "{shown} has {count} parts; expected 4",
        "address.port": "{shown} has a port above 65535",
        "address.web": "{shown} is a web address, not an IP address",
        "network.backwards": "{shown} runs backwards",
        "network.beyond-ipv4": "{shown} reaches beyond IPv4",
        "network.blocks": "a range that needs more than {most} CIDR blocks",
        "network.kinds": "{shown} runs from one kind of address to the other",
        "network.length": "{shown} has no usable length",
        "network.length-32": "{shown} has a length above 32",
        "network.no-end": "{shown} has no end",
        "network.not-one": "{shown} is not one CIDR block",
        "network.port": "{shown} has a port inside a network",
    }
)
"""Code of each fault to its English sentence, with the fields that it quotes in braces."""


class AddressFault(ValueError):  # noqa: N818  (a fault of a text, caught and counted)
    """A text that is no address; ``missing`` tells an empty one from a broken one.

    Parameters
    ----------
    code : str
        Which fault, among `FAULTS`.
    missing : bool
        Is there no address, and none claimed?
    **fields
        What the sentence quotes.
    """

    def __init__(self, code: str, *, missing: bool = False, **fields: object) -> None:
        self.code = code
        self.reason = FAULTS[code].format(**fields)
        self.missing = missing
        super().__init__(self.reason)
