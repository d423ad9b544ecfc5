"""Write `bro/scripts/forthcoming.tsv`: the names that scripts may use of analyzers that are still to come.

Usage: python tools/forthcoming.py [--reference DIR]

What the reference interface (see `reference_coverage.py`) has of an analyzer or subsystem and this
implementation does not is written as declarations, one name a line: name, component, the other names of the
table that it needs, the declaration.  A function has no body: scripts that call one load, and the call is
a run-time error.  To be run again when an analyzer has been added; its names then fall out of
the table.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import reference_coverage as coverage  # noqa: E402

from bro.script.types import RecordType  # noqa: E402

TARGET = HERE.parent / "bro" / "scripts" / "forthcoming.tsv"

#: Components whose names stay unknown: they are no protocols, and scripts ask with `@ifdef` for them.
LEFT_OUT = {"cluster", "management", "spicy", "AF_PACKET"}

#: Further beginnings of names that belong to components, beside those of `reference_components.tsv`.
FURTHER = (
    ("MIME", "mime_"),
    (
        "Modbus",
        "Known::log_known_modbus Known::Modbus Known::MODBUS_ Known::log_policy_modbus Known::modbus_",
    ),
    (
        "X509",
        "known_cert_add Known::log_known_certs Known::AddrCert Known::CERTS_LOG Known::log_policy_certs",
    ),
    ("X509", "Known::use_cert_store Files::ANALYZER_X509 Files::ANALYZER_OCSP_ Intel::enable_x509_"),
    ("PE", "Files::ANALYZER_PE"),
    ("MySQL", "mysql::"),
)

#: What named types that are no records or enumerations stand for; the reference does not say.
ALIASES = {
    "DHCP::Addrs": "vector of addr",
    "DHCP::SubOpts": "vector of DHCP::SubOpt",
    "KRB::Host_Address_Vector": "vector of KRB::Host_Address",
    "KRB::Ticket_Vector": "vector of KRB::Ticket",
    "KRB::Type_Value_Vector": "vector of KRB::Type_Value",
    "Modbus::Registers": "table[count] of Modbus::RegisterValue",
    "ModbusCoils": "vector of bool",
    "ModbusFileRecordRequests": "vector of ModbusFileRecordRequest",
    "ModbusFileRecordResponses": "vector of ModbusFileRecordResponse",
    "ModbusFileReferences": "vector of ModbusFileReference",
    "ModbusRegisters": "vector of count",
    "RADIUS::AttributeList": "vector of string",
    "RADIUS::Attributes": "table[count] of RADIUS::AttributeList",
    "RDP::ClientChannelList": "vector of RDP::ClientChannelDef",
    "SMB2::FileEAs": "vector of SMB2::FileEA",
    "SMB2::NegotiateContextValues": "vector of SMB2::NegotiateContextValue",
    "SMB::rpc_cmd_table": "table[count] of string",
    "SNMP::Bindings": "vector of SNMP::Binding",
    "bittorrent_benc_dir": "table[string] of bittorrent_benc_value",
    "bittorrent_peer_set": "set[bittorrent_peer]",
    "bt_tracker_headers": "table[string] of string",
    "gtp_access_point_name": "string",
    "gtp_charging_gateway_addr": "addr",
    "gtp_msisdn": "string",
    "gtp_omc_id": "string",
    "gtp_proto_config_options": "string",
    "gtp_reordering_required": "bool",
    "gtp_teardown_ind": "bool",
    "gtp_tft": "string",
    "gtp_trigger_id": "string",
    "irc_join_list": "set[irc_join_info]",
    "psk_identity_vec": "vector of SSL::PSKIdentity",
    "signature_and_hashalgorithm_vec": "vector of SSL::SignatureAndHashAlgorithm",
    "x509_opaque_vector": "vector of opaque of x509",
}

#: Streams of logs: the record of the columns, and the path where it is not the module's name.
STREAMS = {
    "KRB::LOG": ("KRB::Info", "kerberos"),
    "LDAP::LDAP_LOG": ("LDAP::MessageInfo", "ldap"),
    "LDAP::LDAP_SEARCH_LOG": ("LDAP::SearchInfo", "ldap_search"),
    "MQTT::CONNECT_LOG": ("MQTT::ConnectInfo", "mqtt_connect"),
    "MQTT::PUBLISH_LOG": ("MQTT::PublishInfo", "mqtt_publish"),
    "MQTT::SUBSCRIBE_LOG": ("MQTT::SubscribeInfo", "mqtt_subscribe"),
    "SMB::FILES_LOG": ("SMB::FileInfo", "smb_files"),
    "SMB::MAPPING_LOG": ("SMB::TreeInfo", "smb_mapping"),
    "SMB::CMD_LOG": ("SMB::CmdInfo", "smb_cmd"),
    "Known::CERTS_LOG": ("Known::CertsInfo", "known_certs"),
    "Known::MODBUS_LOG": ("Known::ModbusInfo", "known_modbus"),
    "mysql::LOG": ("MySQL::Info", "mysql"),
}

_SIMPLE = {
    "bool",
    "count",
    "int",
    "double",
    "time",
    "interval",
    "string",
    "pattern",
    "port",
    "addr",
    "subnet",
}
_WORD = re.compile(r"\$?[A-Za-z_]\w*(?:::\w+)*")
#: longer texts of patterns are data of the scripts that use them
MAX_TEXT = 200


class Forthcoming:
    """The table under construction."""

    def __init__(self, reference: Path, ours: coverage.Ours) -> None:
        self.reference = reference
        self.ours = ours
        self.rules = [(c, b) for c, begins in FURTHER for b in begins.split()]
        self.rules += list(coverage._component_rules())
        self.entries: dict[str, tuple[str, str]] = {}

    def component(self, name: str) -> str:
        """What a name belongs to; empty for names that are not for the table."""
        found = next((c for c, beginning in self.rules if name.startswith(beginning)), "")
        return "" if found in LEFT_OUT else found

    def rows(self, name: str) -> list[list[str]]:
        return list(coverage._rows(self.reference / name, True))

    def put(self, name: str, text: str, component: str = "") -> None:
        component = component or self.component(name)
        if component:
            self.entries.setdefault(name, (component, text))

    def build(self) -> None:
        """Fill the table."""
        ours = self.ours
        enums: dict[str, list[str]] = {}
        for enum, value, *_ in self.rows("enums.tsv"):
            enums.setdefault(enum, []).append(value)
        fields: dict[str, list[list[str]]] = {}
        for record, *rest in self.rows("record-fields.tsv"):
            fields.setdefault(record, []).append(rest)
        for name, kind, *_ in self.rows("types.tsv"):
            if name in ours.types:
                continue
            if kind == "record":
                self.put(name, f"type {name}: record {{ {' '.join(map(_field, fields.get(name, [])))} }};")
            elif name in enums:
                values = enums.pop(name)
                self.put(name, f"type {name}: enum {{ {', '.join(values)} }};")
                for value in values:  # by the type
                    self.put(value, f"# {name}")
            elif name in ALIASES or name.startswith("gtp_"):
                self.put(name, f"type {name}: {ALIASES.get(name, 'count')};")
        for record, rows in fields.items():
            known = ours.types.get(record)
            if not isinstance(known, RecordType):
                continue
            for row in rows:
                of = _WORD.findall(_type(row[1]))[-1:]
                if known.field(row[0]) is None and of and self.component(of[0]) and of[0] in self.entries:
                    text = f"redef record {record} += {{ {_field(row, True)} }};"
                    self.put("$" + row[0], text, self.component(of[0]))
        for name, signature, *_ in self.rows("events.tsv"):
            if name not in ours.events:
                self.put(name, f"global {name}: {_type(signature)};")
        for name, signature, *_ in self.rows("functions.tsv"):
            if name not in ours.functions:
                self.put(name, f"global {name}: {_signature(signature)};")
        for row in self.rows("values.tsv"):
            if not (row[0] in ours.variables or row[0] in ours.functions or row[0] in self.entries):
                self.value(*row[:4])
        for enum, values in enums.items():
            for value in values:
                if value not in ours.enums:
                    self.put(value, f"redef enum {enum} += {{ {value} }};" + self.stream(enum, value))

    def stream(self, enum: str, name: str) -> str:
        """The stream of a log, so that filters can be put on it."""
        module = name.partition("::")[0]
        columns, path = STREAMS.get(name, (f"{module}::Info", module.lower()))
        if enum != "Log::ID" or columns not in self.entries:
            return ""
        policy = f", $policy={module}::log_policy" if f"{module}::log_policy" in self.entries else ""
        create = f'Log::create_stream({name}, [$columns={columns}, $path="{path}"{policy}]);'
        return f" event zeek_init() &priority=5 {{ {create} }}"

    def value(self, name: str, type_: str, kind: str, value: str) -> None:
        """An option, constant or variable."""
        type_ = _type(type_)
        if kind == "global":
            self.put(name, f"global {name}: {type_};")
            return
        try:
            text = _literal(type_, json.loads(value) if value else None)
        except json.JSONDecodeError:  # cut off, of which there are a few long tables
            text = _literal(type_, [])
        if text:
            redef = "" if kind == "option" else " &redef"
            self.put(name, f"{'option' if kind == 'option' else 'const'} {name}: {type_} = {text}{redef};")

    def write(self, target: Path) -> None:
        """Write it, with the names each entry needs of the others."""
        lines = ["# name\tcomponent\tneeds\tdeclaration; written by tools/forthcoming.py"]
        for name, (component, text) in sorted(self.entries.items()):
            needs = dict.fromkeys(w for w in _WORD.findall(text) if w in self.entries and w != name)
            if text.startswith("# "):
                text = ""
            lines.append("\t".join((name, component, " ".join(needs), text)))
        target.write_text("\n".join(lines) + "\n")


def _type(text: str) -> str:
    """A type as scripts write it."""
    return re.sub(r"\b(record|enum) (?=[A-Za-z_])", "", text)


def _signature(text: str) -> str:
    """The type of a function or hook as scripts write it."""
    if text.startswith("hook"):
        text = text.removesuffix(" : bool")
    text = re.sub(r"\b(table|set|vector|func|opaque)(?=$|[\],)])", "any", _type(text))
    text = text.replace(", &optional", "")
    text = text.replace("&default=,", '&default="",').replace("&default=)", '&default="")')
    return text.replace(") : void", ")").replace(") : ", "): ")


def _field(row: list[str], optional: bool = False) -> str:
    name, type_, log, presence, *_ = row
    type_ = _type(type_)
    # Of aggregates within aggregates, functions and opaque values the reference says only what they are.
    type_ = re.sub(r"\b(table|set|vector|func|opaque)(?=$|[\],])", "any", type_)
    attrs = " &optional" if optional or presence == "optional" else ""
    if type_ == "any":
        return f"{name}: any{attrs};"
    return f"{name}: {type_}{' &log' if log == 'log' else ''}{attrs};"


def _literal(type_: str, value: Any) -> str:
    """A value of JSON as an expression; empty where there is none."""
    if value is None:
        return ""
    if type_ == "bool":
        return "T" if value else "F"
    if type_ in ("count", "int", "double"):
        return str(value)
    if type_ == "string":
        return json.dumps(value) if len(value) <= MAX_TEXT else '""'
    if type_ == "pattern":
        return value if len(value) <= MAX_TEXT else ""
    if type_ == "interval":
        return " + ".join(f"{n} {u}" for n, u in re.findall(r"(-?[\d.]+) (\w+)", value)) or "0 secs"
    if type_ == "port":
        return f"{value['port']}/{value['proto']}"
    if type_ in ("addr", "subnet"):
        return str(value)
    if type_.startswith("set["):
        inner = type_[4:-1]
        if "," in inner or (inner not in _SIMPLE and "::" not in inner) or not isinstance(value, list):
            return "set()"
        return "set(" + ", ".join(_literal(inner, v) for v in sorted(value, key=str)) + ")"
    if type_.startswith("table["):
        return "table()"
    if type_.startswith("vector"):
        return "vector()"
    return value if isinstance(value, str) and re.fullmatch(r"[\w:]+", value) else ""


def main() -> int:
    coverage.only_what_is_there()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reference", type=Path, default=HERE.parent.parent / "shared" / "reference")
    arguments = parser.parse_args()
    if not arguments.reference.is_dir():
        print(f"there is no reference at {arguments.reference}", file=sys.stderr)
        return 2
    names = Forthcoming(arguments.reference, coverage.collect(policy=True))
    names.build()
    names.write(TARGET)
    print(f"{len(names.entries)} names in {TARGET}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
