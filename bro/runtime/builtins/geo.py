"""Where an address is, and whose: lookups in MaxMind databases.

The databases are found in `mmdb_dir`, else in one of `mmdb_dir_fallbacks`, or opened by name.  Reading them
takes the Python package `maxminddb`; without it, or without a database, lookups return records without
values, and the first one says so.  Files are opened again when they were replaced, which is looked at every
`mmdb_stale_check_interval`.
"""

from __future__ import annotations

import os
from typing import Any

from bro.runtime import context
from bro.runtime.builtins._support import global_value, record, report_error, report_warning, shown
from bro.runtime.builtins.registry import builtin
from bro.runtime.netvalues import Addr


class _Database:
    """One kind of database: the open file, and when it was last looked at."""

    __slots__ = ("checked", "inode", "path", "reader", "searched", "warned")

    def __init__(self) -> None:
        self.reader: Any = None
        self.path = ""
        self.inode: tuple[int, int, float] | None = None
        self.checked = 0.0
        self.searched = False
        self.warned = False

    def open(self, path: str) -> str | None:
        """Open a file; what went wrong, or None."""
        try:
            import maxminddb  # type: ignore[import-not-found, import-untyped, unused-ignore]
        except ImportError:
            return "the Python package maxminddb is not installed"
        try:
            status = os.stat(path)
            reader = maxminddb.open_database(path)
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
            return str(error)
        if self.reader is not None:
            self.reader.close()
        self.reader, self.path = reader, path
        self.inode = (status.st_dev, status.st_ino, status.st_mtime)
        self.checked = context.current.clock.now
        return None

    def refresh(self) -> None:
        """Open the file again if it was replaced."""
        now = context.current.clock.now
        if not self.path or now - self.checked < global_value("mmdb_stale_check_interval", 300.0):
            return
        self.checked = now
        try:
            status = os.stat(self.path)
        except OSError:
            return  # it may be about to be replaced; what is open still works
        if (status.st_dev, status.st_ino, status.st_mtime) != self.inode:
            complaint = self.open(self.path)
            if complaint:
                report_warning(f"cannot open the new version of {self.path}: {complaint}")


def _database(kind: str) -> _Database:
    databases: dict[str, _Database] = context.current.state.setdefault("geo", {})
    found = databases.get(kind)
    if found is None:
        found = databases[kind] = _Database()
    return found


def _ready(kind: str, function: str, *names: tuple[str, bytes]) -> Any:
    """The open reader of a kind, looking for the files named by script constants the first time; None if
    there is none."""
    database = _database(kind)
    if database.reader is None and not database.searched:
        database.searched = True
        directory: bytes = global_value("mmdb_dir", b"")
        fallbacks: list[bytes] = global_value("mmdb_dir_fallbacks", [])
        files = [global_value(constant, default) for constant, default in names]
        complaint = "no database was found; set mmdb_dir"
        for folder in [directory] if directory else fallbacks:
            for file in files:
                path = os.fsdecode(os.path.join(folder, file))
                if os.path.exists(path):
                    complaint = database.open(path) or ""
                    if not complaint:
                        return database.reader
        if not database.warned:
            database.warned = True
            report_warning(f"{function}: {complaint}")
    if database.reader is not None:
        database.refresh()
    return database.reader


def _lookup(reader: Any, addr: Addr) -> dict[str, Any]:
    try:
        found = reader.get(str(addr))
    except ValueError:  # an IPv6 address in a database of IPv4 alone
        return {}
    return found if isinstance(found, dict) else {}


def _name(entry: Any) -> bytes | None:
    """The English name of a place."""
    name = entry.get("names", {}).get("en") if isinstance(entry, dict) else None
    return name.encode() if isinstance(name, str) else None


@builtin("function lookup_location(a: addr): geo_location")
def lookup_location(a: Addr) -> Any:
    """Return country code, region code, city and coordinates of an address, as far as the database has
    them."""
    location = record("geo_location")()
    reader = _ready(
        "location",
        "lookup_location",
        ("mmdb_city_db", b"GeoLite2-City.mmdb"),
        ("mmdb_country_db", b"GeoLite2-Country.mmdb"),
    )
    if reader is None:
        return location
    found = _lookup(reader, a)
    country = found.get("country", {}).get("iso_code")
    if isinstance(country, str):
        location.country_code = country.encode()
    regions = found.get("subdivisions") or [{}]
    region = regions[0].get("iso_code")
    if isinstance(region, str):
        location.region = region.encode()
    location.city = _name(found.get("city"))
    place = found.get("location", {})
    for field in ("latitude", "longitude"):
        value = place.get(field)
        if isinstance(value, (int, float)):
            setattr(location, field, float(value))
    return location


@builtin("function lookup_autonomous_system(a: addr): geo_autonomous_system")
def lookup_autonomous_system(a: Addr) -> Any:
    """Return the number of the autonomous system an address belongs to, and who runs it, if the database has
    them."""
    system = record("geo_autonomous_system")()
    reader = _ready("asn", "lookup_autonomous_system", ("mmdb_asn_db", b"GeoLite2-ASN.mmdb"))
    if reader is None:
        return system
    found = _lookup(reader, a)
    number = found.get("autonomous_system_number")
    if isinstance(number, int) and number >= 0:
        system.number = number
    organization = found.get("autonomous_system_organization")
    if isinstance(organization, str):
        system.organization = organization.encode()
    return system


def _open(kind: str, function: str, f: bytes) -> bool:
    database = _database(kind)
    complaint = database.open(os.fsdecode(f))
    database.searched = True
    if complaint:
        report_error(f"{function}: cannot open {shown(f)}: {complaint}")
        return False
    return True


@builtin("function mmdb_open_location_db(f: string): bool")
def mmdb_open_location_db(f: bytes) -> bool:
    """Use this file for `lookup_location`; false, after a report, if it cannot be opened."""
    return _open("location", "mmdb_open_location_db", f)


@builtin("function mmdb_open_asn_db(f: string): bool")
def mmdb_open_asn_db(f: bytes) -> bool:
    """Use this file for `lookup_autonomous_system`; false, after a report, if it cannot be opened."""
    return _open("asn", "mmdb_open_asn_db", f)
