"""Medians, the table, the ratios and their bars, and the JSON file."""
import datetime
import json
import os
import platform
import re
import statistics
import subprocess

# Figure, row title, number format.
ROWS = [
    ("keep2_rate", "requests/s, 2 connections", "{:,.0f}"),
    ("keep16_rate", "requests/s, 16 connections", "{:,.0f}"),
    ("keep64_rate", "requests/s, 64 connections", "{:,.0f}"),
    ("keep64_p99_us", "p99 at 64, µs", "{:,.0f}"),
    ("keep64_cpu_us", "CPU µs a request at 64", "{:.2f}"),
    ("close_rate", "new connections/s", "{:,.0f}"),
    ("close_cpu_us", "CPU µs a new connection", "{:.1f}"),
    ("pipelined_rate", "16 in a packet, requests/s", "{:,.0f}"),
    ("pipelined_cpu_us", "16 in a packet, CPU µs a request", "{:.2f}"),
    ("file1k_rate", "1 KiB file, requests/s, 64 connections", "{:,.0f}"),
    ("file1k_cpu_us", "1 KiB file, CPU µs a request", "{:.2f}"),
    ("file100k_rate", "100 KiB file, requests/s, 16 connections", "{:,.0f}"),
    ("file100k_cpu_us", "100 KiB file, CPU µs a request", "{:.2f}"),
    ("file100m_rate", "100 MiB file, MiB/s, 2 connections", "{:,.0f}"),
    ("file100m_cpu_us", "100 MiB file, CPU µs a MiB", "{:.1f}"),
    ("rest_kib", "resident KiB at rest", "{:,.0f}"),
    ("client_kib", "KiB an idle client, thread included", "{:.2f}"),
    ("idle_kib", "KiB an idle client adds to its server", "{:.2f}"),
    ("many_answered", "10,000 at once: answered", "{:,.0f}"),
    ("many_resident_kib", "10,000 at once: resident KiB", "{:,.0f}"),
    ("start_ms", "ms from exec to first answer", "{:.1f}"),
    ("stripped_bytes", "stripped bytes", "{:,.0f}"),
]

# Text, bobbin's figure, the server and figure it is divided by, sense, bound.
BARS = [
    ("CPU a request at 64, by limit", "keep64_cpu_us", "limit", "keep64_cpu_us", "<=", 1.10),
    ("CPU a request at 64, by libmicrohttpd", "keep64_cpu_us", "mhd", "keep64_cpu_us",
     "<=", 0.80),
    ("CPU a new connection, by limit", "close_cpu_us", "limit", "close_cpu_us", "<=", 1.15),
    ("16 in a packet, by bobbin's own rate at 16", "pipelined_rate", "bobbin", "keep16_rate",
     ">=", 5),
    ("16 in a packet, by nginx", "pipelined_rate", "nginx", "pipelined_rate", ">=", 3),
    ("CPU per MiB on the 100 MiB file, by nginx", "file100m_cpu_us", "nginx", "file100m_cpu_us",
     "<=", 1.05),
    ("CPU a request for 1 KiB at 64, by nginx", "file1k_cpu_us", "nginx", "file1k_cpu_us",
     "<=", 1.6),
    ("KiB an idle client, thread included", "client_kib", None, None, "<=", 9),
    ("10,000 at once, answered in the worst round", "many_answered", None, None, ">=", 10000),
]


class Results:
    """values[server][figure] has one entry a round, None where it failed."""

    def __init__(self, servers, rounds):
        self.servers = servers
        self.rounds = rounds
        self.values = {server.name: {} for server in servers}
        self.errors = []
        self.missing = {}
        self.others_share = 0.0

    def add(self, server, index, figures):
        for figure, value in figures.items():
            series = self.values[server.name].setdefault(figure, [None] * self.rounds)
            series[index] = value

    def series(self, name, figure):
        return self.values.get(name, {}).get(figure, [])

    def median(self, name, figure):
        known = [value for value in self.series(name, figure) if value is not None]
        return statistics.median(known) if known else None

    def ratios(self, figure, other, other_figure):
        pairs = zip(self.series("bobbin", figure), self.series(other, other_figure))
        return [ours / theirs for ours, theirs in pairs if ours is not None and theirs]

    def bar(self, text, figure, other, other_figure, sense, bound):
        if other:
            values = self.ratios(figure, other, other_figure)
        else:
            values = [value for value in self.series("bobbin", figure) if value is not None]
        found = {"what": text, "sense": sense, "bound": bound, "value": None, "met": None,
                 "rounds": values}
        if values:
            # One client left out in one round is one too many.
            value = min(values) if figure == "many_answered" else statistics.median(values)
            found["value"] = value
            found["met"] = value <= bound if sense == "<=" else value >= bound
        return found

    def bars(self):
        return [self.bar(*bar) for bar in BARS]


def processor_seconds():
    """Total, idle and this run's own (itself and all it has reaped)."""
    with open("/proc/stat", encoding="ascii") as stat:
        ticks = [int(field) for field in stat.readline().split()[1:9]]
    own = os.times()
    tick = os.sysconf("SC_CLK_TCK")
    return sum(ticks) / tick, (ticks[3] + ticks[4]) / tick, sum(own[:4])


def share_of_others(before, after):
    """The part of the machine that other processes took from the run."""
    total, idle, own = (late - early for early, late in zip(before, after))
    return max(0.0, (total - idle - own) / total) if total else 0.0


def first_line():
    cpu = platform.machine()
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as info:
        found = re.search(r"^model name\s*:\s*(.+)$", info.read(), re.MULTILINE)
        cpu = found.group(1) if found else cpu
    compiler = subprocess.run(["cc", "--version"], stdout=subprocess.PIPE, text=True,
                              check=False).stdout.split("\n")[0]
    return (f"{datetime.date.today().isoformat()}, {os.cpu_count()} x {cpu}, "
            f"{platform.system()} {platform.release()}, {compiler}")


def table(results):
    names = [server.name for server in results.servers]
    lines = ["| | " + " | ".join(server.title for server in results.servers) + " |",
             "|---|" + "---:|" * len(names)]
    for figure, title, form in ROWS:
        medians = [results.median(name, figure) for name in names]
        if any(value is not None for value in medians):
            cells = ["–" if value is None else form.format(value) for value in medians]
            lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return lines


def bar_line(bar):
    sense = "at most" if bar["sense"] == "<=" else "at least"
    text = f"- {bar['what']}: "
    if bar["value"] is None:
        return text + f"not measured ({sense} {bar['bound']:,})"
    form = "{:,.0f}" if bar["bound"] > 100 else "{:.3f}"
    spread = " to ".join(form.format(edge(bar["rounds"])) for edge in (min, max))
    return (text + f"{form.format(bar['value'])} (rounds {spread}), {sense} "
            f"{bar['bound']:,}: " + ("met" if bar["met"] else "**not met**"))


def text(results, seconds):
    lines = [first_line(), "",
             f"Medians of {results.rounds} interleaved rounds, {seconds:g} s a figure; other "
             f"processes took {results.others_share:.0%} of the machine meanwhile.", ""]
    lines += table(results) + [""]
    lines += [f"Missing: {name}: {why}" for name, why in results.missing.items()]
    lines += [f"Failed: {error}" for error in results.errors]
    if results.missing or results.errors:
        lines.append("")
    if "bobbin" in results.values:
        lines += ["Ratios, pairwise in each round:", ""]
        lines += [bar_line(bar) for bar in results.bars()]
    return "\n".join(lines).rstrip()


def write_json(results, seconds, path):
    medians = {name: {figure: results.median(name, figure) for figure in figures}
               for name, figures in results.values.items()}
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"host": first_line(), "rounds": results.rounds, "seconds": seconds,
                   "others_share": results.others_share, "medians": medians,
                   "values": results.values, "bars": results.bars(),
                   "missing": results.missing, "errors": results.errors}, file, indent=1)
        file.write("\n")
