"""The core calls its port and a few functions on bytes, nothing else: no allocator, no printf, no errno, no exit."""

import os
import re
import subprocess

import hygiene

# <string.h>, of what works on bytes that the caller owns.
BYTES = {"memcpy", "memmove", "memset", "memcmp", "memchr", "strlen"}

COMPILERS_OWN = re.compile("|".join([
    r"_GLOBAL_OFFSET_TABLE_", r"_gp_disp", r"__x86\.get_pc_thunk\.\w+",  # position-independent code
    r"__stack_chk_(fail|guard)", r"__mem(cpy|move|set)_chk",             # hardening that distributions switch on
    r"__aeabi_u?l?i?divmod", r"__aeabi_u?l?i?div", r"__aeabi_l(mul|lsl|lsr|asr)", r"__aeabi_u?lcmp",
    r"__aeabi_mem(cpy|move|set|clr)[48]?", r"__aeabi_read_tp", r"__aeabi_unwind_cpp_pr\d",
    r"__u?(div|mod|divmod)[sd]i[34]", r"__mul[sd]i3", r"__(ashl|ashr|lshr)di3", r"__bswap[sd]i2",
    r"__sync_synchronize", r"__sync_\w+_[124]",  # atomics of 32 bits on ARM before version 7; 64 bits are not allowed
]))


def main():
    if os.environ.get("BOBBIN_SANITIZE"):
        hygiene.skip("sanitizers add calls of their own")
    done = subprocess.run([os.environ.get("NM") or "nm", "-A", os.environ["BOBBIN_CORE"]], capture_output=True,
                          text=True, check=True)
    defined, needed = set(), {}
    for line in done.stdout.splitlines():
        place, kind, symbol = re.fullmatch(r"(.*):[0-9a-f ]* (\w) (\S+)", line).groups()
        if kind in "Uw":
            needed.setdefault(symbol, []).append(place.rsplit(":", 1)[-1])
        elif kind.isupper():
            defined.add(symbol)
    if "bobbin_run" not in defined or "port_recv" not in needed:
        hygiene.end([f"{os.environ['BOBBIN_CORE']} does not look like the core"])
    hygiene.end([
        f"{', '.join(places)} calls {symbol}. The core may call port_* of port/include/port.h, "
        f"{', '.join(sorted(BYTES))}, and what compilers add of their own."
        for symbol, places in sorted(needed.items())
        if symbol not in defined and symbol not in BYTES and not symbol.startswith("port_")
        and not COMPILERS_OWN.fullmatch(symbol)])


main()
