"""Leases that follow from a deterministic address translation (RFC 7422)."""

from __future__ import annotations

import pandas as pd

from crimeloc.addresses import AddressFault, network_text, parse_network
from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message

__all__ = ["deterministic_nat"]


def deterministic_nat(
    inside: str,
    outside: str,
    holders: pd.DataFrame,
    *,
    first_port: int = 1024,
    last_port: int = 65_535,
) -> pd.DataFrame:
    """Which public address and ports did each venue have behind a deterministic NAT?

    Parameters
    ----------
    inside : str
        Network of the private addresses, for example ``"100.64.0.0/22"``.
    outside : str
        Network of the public addresses, for example ``"203.0.113.0/28"``.
    holders : DataFrame
        ``network`` (private addresses within ``inside``), ``venue_id``, optionally ``valid_from``
        and ``valid_to``.
    first_port, last_port : int
        Ports that are handed out, both included.

    Returns
    -------
    DataFrame
        Under the contract LEASES: public addresses with blocks of ports. Blocks of one venue that
        touch are one row.

    Raises
    ------
    ParameterError
        A network cannot be read, a holder lies outside of ``inside``, there is less than one port
        for an address, or the ports are none.

    Notes
    -----
    The sequential algorithm of RFC 7422, section 2: with N private and M public addresses, R =
    ceil(N / M) private addresses share a public one, each with floor(ports / R) ports; private
    address i has public address floor(i / R) and block i mod R. Ports that are left over belong
    to nobody.

    References
    ----------
    C. Donley et al. (2014), RFC 7422, Deterministic Address Mapping to Reduce Logging in
    Carrier-Grade NAT Deployments.

    Examples
    --------
    >>> holders = pd.DataFrame({"network": ["100.64.0.4/31"], "venue_id": ["V-1"]})
    >>> leases = deterministic_nat("100.64.0.0/28", "203.0.113.0/30", holders)
    >>> leases[["network", "port_min", "port_max"]].values.tolist()
    [['203.0.113.1/32', 1024, 33279]]
    """
    start, count = _range(inside, "inside")
    public, n_public = _range(outside, "outside")
    if not 0 <= first_port <= last_port <= 65_535:
        raise ParameterError(
            "last_port",
            found=Message(
                "ports {first_port} to {last_port}", first_port=first_port, last_port=last_port
            ),
            expected="0 to 65535",
            hint=Hint(first_port=1024, last_port=65_535),
        )
    shared = -(-count // n_public)
    size = (last_port - first_port + 1) // shared
    if size < 1:
        raise ParameterError(
            "outside",
            found=Message("{shared} private addresses for a public one", shared=shared),
            expected="at least a port for each",
            hint=Hint(outside="203.0.113.0/24"),
        )
    rows: list[dict[str, object]] = []
    spells = [name for name in ("valid_from", "valid_to") if name in holders.columns]
    for place, network in enumerate(holders["network"].astype("object").tolist()):
        first, length = _range(str(network), "holders")
        low, high = first - start, first - start + length - 1
        if low < 0 or high >= count:
            raise ParameterError(
                "holders",
                found=Message("{network} outside of {inside}", network=network, inside=inside),
                expected="private addresses within it",
                hint=Hint(inside=network),
            )
        for address in range(low // shared, high // shared + 1):
            begin = max(low, address * shared) - address * shared
            end = min(high, address * shared + shared - 1) - address * shared
            row = {
                "network": network_text(public + address, 128),
                "venue_id": holders["venue_id"].iloc[place],
                "port_min": first_port + begin * size,
                "port_max": first_port + (end + 1) * size - 1,
            }
            rows.append(row | {name: holders[name].iloc[place] for name in spells})
    columns = ["network", "venue_id", "port_min", "port_max", *spells]
    table = pd.DataFrame(rows, columns=columns)
    kinds = {"network": "str", "venue_id": "str", "port_min": "Int64", "port_max": "Int64"}
    return table.astype(kinds | {name: holders[name].dtype for name in spells})


def _range(network: str, name: str) -> tuple[int, int]:
    try:
        blocks = parse_network(network)
    except AddressFault as fault:
        raise ParameterError(
            name, found=fault.reason, expected="a network", hint=Hint(**{name: "203.0.113.0/28"})
        ) from fault
    return blocks[0][0], sum(1 << (128 - prefix) for _, prefix in blocks)
