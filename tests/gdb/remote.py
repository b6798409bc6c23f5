# SPDX-License-Identifier: BSD-3-Clause
"""`ccasim boot --gdb`, and the protocol spoken to it by hand: what the tests of this folder share."""
import os
import re
import socket
import subprocess
import tempfile

count = 0
all_ok = True


def check(name, problems):
    """Problems: what is wrong, a line each; True and False will do."""
    global count, all_ok
    problems = ([] if problems else ["it is not so"]) if isinstance(problems, bool) else list(problems)
    count += 1
    all_ok &= not problems
    print("not ok" if problems else "ok", count, "-", name, flush=True)
    for line in "\n".join(map(str, problems)).splitlines():
        print("#", line)


def equal(name, got, wanted):
    check(name, [] if got == wanted else [f"got {got!r}", f"not {wanted!r}"])


def done():
    print(f"1..{count}")
    return 0 if all_ok else 1


class Boot:
    """A run that waits for a debugger."""

    def __init__(self, ccasim, image, *options):
        self.folder = tempfile.TemporaryDirectory()
        self.uart = os.path.join(self.folder.name, "uart")
        self.process = subprocess.Popen([ccasim, "boot", "--elf", image, "--gdb", "0", "--uart", self.uart, *options],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        while "makecontext" in line:  # gcc's sanitizer says so when a stack is switched, although it is told of each switch
            line = self.process.stderr.readline()
        found = re.fullmatch(r"gdb: target remote 127\.0\.0\.1:(\d+)\n", line)
        if not found:
            raise SystemExit(f"ccasim says: {line}")
        self.port = int(found[1])

    def end(self, timeout=60):
        """(exit code, report, console); ends it if it has not ended by itself in time: code None."""
        try:
            out, err = self.process.communicate(timeout=timeout)
            code = self.process.returncode
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
            code = None
        with open(self.uart, encoding="utf-8", errors="replace") as f:
            console = f.read()
        self.folder.cleanup()
        err = "".join(line for line in err.splitlines(True) if "makecontext" not in line)
        return code, out + err, console


class Remote:
    """The debugger's end of the connection."""

    def __init__(self, boot, ack=True):
        self.socket = socket.create_connection(("127.0.0.1", boot.port), timeout=60)
        self.buffer = b""
        self.ack = True
        if not ack:
            self.ask("QStartNoAckMode")
            self.ack = False

    def send(self, data):
        self.socket.sendall(data)

    def put(self, packet):
        if isinstance(packet, str):
            packet = packet.encode("latin-1")
        self.send(b"$%s#%02x" % (packet, sum(packet) & 0xff))

    def byte(self):
        if not self.buffer:
            self.buffer = self.socket.recv(65536)
            if not self.buffer:
                raise EOFError
        first, self.buffer = self.buffer[:1], self.buffer[1:]
        return first

    def get(self):
        """The next packet."""
        while self.byte() != b"$":
            pass
        data = b""
        while (c := self.byte()) != b"#":
            data += bytes([self.byte()[0] ^ 0x20]) if c == b"}" else c
        self.byte()
        self.byte()
        if self.ack:
            self.send(b"+")
        return data.decode("latin-1")

    def ask(self, packet):
        self.put(packet)
        return self.get()

    def monitor(self, line):
        self.put("qRcmd," + line.encode().hex())
        text = ""
        while (answer := self.get()) != "OK":
            if not answer.startswith("O"):
                return answer
            text += bytes.fromhex(answer[1:]).decode()
        return text

    def interrupt(self):
        self.send(b"\x03")
        return self.get()

    def close(self):
        self.socket.close()


