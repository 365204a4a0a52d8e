"""Files as tools write them: each is read whole, or refused with a word for what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

import crimeloc as cl
from crimeloc.errors import FileError
from crimeloc.io import read_proxy_networks

LEASES = {  # read, refused
    "backup.leases": (1, 1),
    "debian7.leases": (5, 1),
    "epoch.leases": (1, 1),
    "kea-leases4.csv": (2, 0),
    "options.leases": (1, 0),
    "pfsense.leases": (2, 0),
    "static.leases": (0, 1),
    "zat_dhcp.log": (2, 0),
}
EVENTS = {
    "access.log": (12, 0),
    "misp_event1.json": (9, 0),
    "misp_event2.json": (2, 0),
    "misp_index.json": (1, 0),
    "ts_csv_datetime_last_column.csv": (4, 0),
    "ts_csv_timestamp_as_datetime.csv": (4, 0),
    "ts_csv_timestamp_no_datetime.csv": (3, 0),
    "ts_evtx_direct.csv": (13, 0),
    "ts_evtx_direct_without_label.csv": (13, 0),
    "ts_evtx_fails.csv": (13, 0),
    "ts_evtx_part.csv": (13, 0),
    "ts_invalid_datetime.csv": (3, 1),
    "ts_large_field_event.jsonl": (3, 0),
    "ts_mapping_limit_exceed.csv": (1, 0),
    "ts_sigma_events.csv": (4, 0),
    "ts_sigma_events.jsonl": (5, 0),
    "ts_validate_date_events_missing_timestamp.csv": (1, 0),
    "ts_validate_no_datetime_timestamps.csv": (5, 0),
    "ts_validate_time_out_of_range.csv": (0, 2),
    "ts_validate_time_precision.csv": (2, 0),
    "ts_validate_time_precision_datetime.csv": (1, 0),
    "ts_validate_time_precision_jsonl.jsonl": (2, 0),
    "ts_validate_timestamp_conversion.csv": (3, 0),
    "zat_conn.log": (360, 0),
    "zat_json_conn.log": (50, 0),
    "zat_json_http.log": (28, 0),
}
REFUSED = {
    "ts_incorrect.csv": 'columns={"timestamp": "DT"}',
    "wl_rfc1918.json": "MISP warning list",
    "wl_vpn-ipv4.json": "MISP warning list",
}


def test_every_file_is_spoken_for(reference_data: Path) -> None:
    there = {path.name for path in (reference_data / "real_logs").iterdir()}
    assert there == set(LEASES) | set(EVENTS) | set(REFUSED)


@pytest.mark.parametrize("name", EVENTS)
def test_logs(reference_data: Path, name: str) -> None:
    read = cl.read_events(reference_data / "real_logs" / name, tz="UTC")
    assert (len(read.table), len(read.rejected)) == EVENTS[name]


@pytest.mark.parametrize("name", LEASES)
def test_leases(reference_data: Path, name: str) -> None:
    read = cl.read_leases(reference_data / "real_logs" / name, tz="UTC")
    assert (len(read.table), len(read.rejected)) == LEASES[name]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(reference_data: Path, name: str) -> None:
    with pytest.raises(FileError) as caught:
        cl.read_events(reference_data / "real_logs" / name, tz="UTC")
    assert REFUSED[name] in str(caught.value)


def test_warning_lists_are_networks(reference_data: Path) -> None:
    read = read_proxy_networks(reference_data / "real_logs" / "wl_vpn-ipv4.json")
    assert read.rejected.empty
    assert set(read.table["mark"]) == {"vpn"}
