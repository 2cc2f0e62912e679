"""A device for scripts/deploy: namespaces of their own, in which an sshd answers on 127.0.0.1 and programs for ARM
run, qemu standing in for the processor.

    device.py FOLDER [--systemd] [--no-sftp]

Prints the port of its sshd, and lives until stdin ends; with it ends every process that was started in it. FOLDER
holds host_key and authorized_keys. It has the files of this machine but for /etc, /home, /run and /usr/local/bin, and
two users, root and pi. It needs root, as sshd does, and ends with 77 where there can be no such namespaces."""

import ctypes
import ctypes.util
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading

SSHD = "/usr/sbin/sshd"
SFTP = "/usr/lib/openssh/sftp-server"
QEMU_ARM = shutil.which("qemu-arm")
CPU = "arm1176"  # of a Raspberry Pi Zero
HOME = "/home/pi"
SKIPPED = 77

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID = 0x00020000, 0x10000000, 0x20000000
MS_REC, MS_PRIVATE = 0x4000, 1 << 18
PR_SET_PDEATHSIG = 1

# ELF, 32 bits, little-endian, an executable or a static-pie, for ARM; as qemu's own packages register it.
ARM_MAGIC = (rb":qemu-arm:M::\x7fELF\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x28\x00:"
             rb"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:%s:")

libc = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)


def call(function, *arguments):
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function.__name__}{arguments}: {os.strerror(number)}")


def mount(source, target, kind, flags=0):
    os.makedirs(target, exist_ok=True)
    call(libc.mount, source.encode(), target.encode(), kind and kind.encode(), flags, None)


def die_with_parent():
    call(libc.prctl, PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def enter_namespaces():
    """All users keep their numbers. Only somebody outside may say so: a child that stays there."""
    told, tell = os.pipe()
    done, finish = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(told, 1)
        for name in ("uid_map", "gid_map"):
            pathlib.Path(f"/proc/{os.getppid()}/{name}").write_text("0 0 65536\n", encoding="ascii")
        os.write(finish, b"x")
        os._exit(0)
    call(libc.unshare, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID)
    os.write(tell, b"x")
    if os.read(done, 1) != b"x":
        sys.exit("the users could not be mapped")
    os.waitpid(child, 0)
    for fd in (told, tell, done, finish):
        os.close(fd)


def write(path, text, mode=0o644):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="ascii")
    path.chmod(mode)


def furnish(with_systemd):
    call(libc.mount, None, b"/", None, MS_REC | MS_PRIVATE, None)
    mount("proc", "/proc", "proc")
    mount("tmpfs", "/run", "tmpfs")
    loader = pathlib.Path("/etc/ld.so.cache").read_bytes()
    for folder in ("/home", "/usr/local/bin", "/etc"):
        mount("tmpfs", folder, "tmpfs")
    pathlib.Path("/etc/ld.so.cache").write_bytes(loader)
    write("/etc/passwd", f"root:x:0:0::/home/root:/bin/sh\nsshd:x:101:65534::/run/sshd:/usr/sbin/nologin\n"
                         f"pi:x:1000:1000::{HOME}:/bin/sh\n")
    write("/etc/group", "root:x:0:\npi:x:1000:\nnogroup:x:65534:\n")
    write("/etc/shadow", "root:*:1:0:99999:7:::\nsshd:!:1:0:99999:7:::\npi:*:1:0:99999:7:::\n", 0o600)
    os.makedirs("/run/sshd", 0o755)
    os.makedirs("/home/root")
    os.makedirs(HOME)
    os.chown(HOME, 1000, 1000)
    if with_systemd:
        os.makedirs("/run/systemd/system")
        shutil.copy(pathlib.Path(__file__).with_name("systemctl.py"), "/usr/local/bin/systemctl")
        os.chmod("/usr/local/bin/systemctl", 0o755)
    if QEMU_ARM:
        mount("binfmt", "/run/binfmt", "binfmt_misc")
        pathlib.Path("/run/binfmt/register").write_bytes(ARM_MAGIC % QEMU_ARM.encode())


def write_config(folder, with_sftp):
    write("/etc/sshd_config", f"""HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
PidFile none
PrintMotd no
SetEnv QEMU_CPU={CPU}
{"Subsystem sftp " + SFTP if with_sftp else ""}
""")


def serve():
    """An sshd for each connection, which gets it as its standard streams: so the port is any that is free."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(32)
    signal.signal(signal.SIGCHLD, lambda *_: reap())
    threading.Thread(target=wait_for_the_end, daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        subprocess.Popen([SSHD, "-i", "-e", "-f", "/etc/sshd_config"],  # pylint: disable=consider-using-with
                         stdin=connection, stdout=connection)
        connection.close()


def wait_for_the_end():
    sys.stdin.read()
    os._exit(0)


def reap():
    """As the first process, it inherits those whose parents are gone."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        pass


def main():
    folder = sys.argv[1]
    try:
        enter_namespaces()
        child = os.fork()
        if child == 0:  # the first of the new namespace: all others end with it
            die_with_parent()
            furnish("--systemd" in sys.argv)
    except OSError as error:
        print(error, file=sys.stderr, flush=True)
        os._exit(SKIPPED)
    if child == 0:
        write_config(folder, "--no-sftp" not in sys.argv)
        serve()
    os.close(0)
    die_with_parent()
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


if __name__ == "__main__":
    main()
