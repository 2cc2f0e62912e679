"""The scripts for OpenRC and OpenWrt's procd, run by stand-ins of those two that write down what they are told."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

PACKAGING = pathlib.Path(__file__).resolve().parents[2] / "packaging"
SHELLS = [shell for shell in (["dash"], ["bash", "--posix"], ["busybox", "sh"]) if shutil.which(shell[0])] or [["sh"]]
DEADLINE = 20.0

PROCD = """
for name in open_instance close_instance set_param send_signal; do
    eval "procd_$name() { echo $name \\"\\$@\\"; }"
done
"""

OPENRC = """
for name in checkpath need use; do
    eval "$name() { echo $name \\"\\$@\\"; }"
done
"""


class Scripts(unittest.TestCase):
    def run_script(self, shell, name, options, calls, before):
        """What a script's functions say, with such options; nothing of this machine's /etc is read."""
        text = (PACKAGING / name).read_text(encoding="ascii")
        self.assertIn("/etc/default/bobbin", text)
        with tempfile.TemporaryDirectory() as folder:
            default = pathlib.Path(folder, "default")
            if options is not None:
                default.write_text(f'BOBBIN_OPTIONS="{options}"\n', encoding="ascii")
            text = text.replace("/etc/default/bobbin", str(default))
            done = subprocess.run([*shell, "-c", before + text + calls], capture_output=True, text=True, check=False,
                                  timeout=DEADLINE)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.splitlines()

    def test_each_is_started_by_its_system(self):
        self.assertTrue((PACKAGING / "bobbin.openrc").read_text(encoding="ascii").startswith("#!/sbin/openrc-run\n"))
        self.assertTrue((PACKAGING / "bobbin.procd").read_text(encoding="ascii")
                        .startswith("#!/bin/sh /etc/rc.common\n"))

    def test_procd_starts_it_with_its_options_and_again(self):
        for shell in SHELLS:
            for options in (None, "", "--port 8080 --root /srv/www"):
                with self.subTest(shell=shell, options=options):
                    lines = self.run_script(shell, "bobbin.procd", options, "start_service\n", PROCD)
                    self.assertEqual((lines[0], lines[-1]), ("open_instance", "close_instance"))
                    self.assertIn(f"set_param command /usr/bin/bobbin serve {options or ''}".rstrip(), lines)
                    self.assertTrue([line for line in lines if re.fullmatch(r"set_param respawn \d+ \d+ 0", line)])
                    self.assertIn("set_param user nobody", lines)
                    lines = self.run_script(shell, "bobbin.procd", options, "reload_service\n", PROCD)
                    self.assertEqual(lines, ["send_signal bobbin * HUP"])

    def test_openrc_supervises_it_with_its_options(self):
        for shell in SHELLS:
            for options in (None, "--port 8080"):
                with self.subTest(shell=shell, options=options):
                    lines = self.run_script(shell, "bobbin.openrc", options,
                                            'echo "$supervisor: $command $command_args"; depend; start_pre\n', OPENRC)
                    self.assertEqual(lines[0].rstrip(),
                                     f"supervise-daemon: /usr/bin/bobbin serve {options or ''}".rstrip())
                    self.assertIn("need net", lines)
                    self.assertIn("checkpath --directory --owner nobody --mode 0755 /var/log/bobbin", lines)


if __name__ == "__main__":
    unittest.main(verbosity=2)
