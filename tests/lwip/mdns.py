"""Multicast DNS, as somebody on the network asks who has a name (RFC 6762), with a reader of answers."""

import socket
import struct

import harness

GROUP, PORT = "224.0.0.251", 5353
A, PTR, TXT, AAAA, SRV = 1, 12, 16, 28, 33


def question(name, kind):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!6H", 0, 0, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", kind, 1)


def _name(message, at):
    """The name at `at`, and what stands behind it."""
    labels, behind = [], None
    while message[at]:
        if message[at] >= 0xc0:
            behind = behind or at + 2
            at = struct.unpack("!H", message[at:at + 2])[0] & 0x3fff
        else:
            labels.append(message[at + 1:at + 1 + message[at]].decode())
            at += 1 + message[at]
    return ".".join(labels), behind or at + 1


def records(message):
    """(name, kind, value) of all that an answer holds."""
    counts = struct.unpack("!6H", message[:12])
    at, found = 12, []
    for _ in range(counts[2]):
        at = _name(message, at)[1] + 4
    for _ in range(sum(counts[3:])):
        name, at = _name(message, at)
        kind, _, _, length = struct.unpack("!HHIH", message[at:at + 10])
        at += 10
        data = message[at:at + length]
        if kind == A:
            value = socket.inet_ntoa(data)
        elif kind == AAAA:
            value = socket.inet_ntop(socket.AF_INET6, data)
        elif kind == PTR:
            value = _name(message, at)[0]
        elif kind == SRV:
            value = (struct.unpack("!H", data[4:6])[0], _name(message, at + 6)[0])
        else:
            value = data
        found.append((name, kind, value))
        at += length
    return found


def ask(source, name, kind, wanted):
    """Asks from that address until somebody tells of the name, and wanted(records) is true; what was told."""
    deadline = harness.Deadline()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("", PORT))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(source))
        member = socket.inet_aton(GROUP) + socket.inet_aton(source)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
        sock.settimeout(0.5)
        told = []
        while not deadline.passed():
            sock.sendto(question(name, kind), (GROUP, PORT))
            try:
                while True:
                    message = sock.recv(9000)
                    if message[2] & 0x80:  # an answer
                        told = records(message)
                        if wanted(told):
                            return told
            except socket.timeout:
                pass
    raise AssertionError(f"nobody told of {name}; the last answer was {told}")
