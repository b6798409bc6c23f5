# SPDX-License-Identifier: BSD-3-Clause
"""Runs mutants against the scenarios: each mutant against those that reach its place, and only against those."""

import glob
import os
import re
import resource
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

CPU_SECONDS = 3
WALL_SECONDS = 300
MEMORY = 8 << 30
OUTPUT = 64 << 20


class RunError(Exception):
    pass


def limits():
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))


class Verdict:
    """how: killed, survived, not reached. by: what killed it."""

    def __init__(self, how, by="", reached=0):
        self.how, self.by, self.reached = how, by, reached


class Runner:
    def __init__(self, scenarios, jobs):
        self.root, self.jobs = scenarios, jobs
        self.files = sorted(p for p in glob.glob(os.path.join(scenarios, "**", "*.yaml"), recursive=True)
                            if f"{os.sep}setup{os.sep}" not in p)
        self.reached = {}  # scenario -> bytes, one a mutant

    def execute(self, program, files, number=0, reached=None):
        env = dict(os.environ, CCASIM_MUTANT=str(number))
        if reached:
            env["CCASIM_MUTANT_REACHED"] = reached
        with tempfile.TemporaryFile() as out:
            try:
                done = subprocess.run([program, "run", "-j1", "--fail-fast", "--color", "never", *files],
                                      env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                      preexec_fn=limits, timeout=WALL_SECONDS, check=False)
                code = done.returncode
            except subprocess.TimeoutExpired:
                code = -9
            out.seek(0)
            said = out.read(1 << 20).decode(errors="replace")
        return code, said

    def reach(self, program, count, skip_failing):
        """Which scenario evaluates which place. Each must pass without a mutant."""
        def one(path):
            with tempfile.NamedTemporaryFile() as f:
                f.write(bytes(count + 1))
                f.flush()
                code, said = self.execute(program, [path], reached=f.name)
                if code != 0 and skip_failing:
                    return None
                if code != 0:
                    raise RunError(f"without a mutant, {path} ends with {code}:\n{said}")
                f.seek(0)
                return f.read()
        with ThreadPoolExecutor(self.jobs) as pool:
            self.reached = dict(zip(self.files, pool.map(one, self.files)))
        self.reached = {p: r for p, r in self.reached.items() if r is not None}
        self.files = sorted(self.reached, key=self.order)
        code, said = self.execute(program, self.files)
        if code != 0:
            raise RunError(f"without a mutant, one process with all scenarios ends with {code}:\n{said}")

    def order(self, path):
        """Without the emulator first; then those that do little."""
        with open(path, encoding="utf-8") as f:
            emulated = re.search(r"^code:|image\.yaml|code\.yaml", f.read(), re.M) is not None
        return emulated, sum(self.reached[path]) if self.reached else 0, path

    def judge(self, program, mutant):
        files = self.files
        if mutant.shape != "text":
            files = [p for p in files if self.reached[p][mutant.number]]
            if not files:
                return Verdict("not reached")
        code, said = self.execute(program, files, mutant.number)
        if code == 0:
            return Verdict("survived", reached=len(files))
        if code == 2:
            raise RunError(f"{mutant.key}: ccasim run ends with {code}:\n{said}")
        return Verdict("killed", self.killer(code, said), len(files))

    def killer(self, code, said):
        m = re.search(r"^FAIL (\S+?)(?=[:\s])", said, re.M)
        where = os.path.relpath(m.group(1), self.root) if m else ""
        if code == 1:
            return where
        if code in (-24, -9):
            return "time limit"
        return f"exit {code}" + (f" {where}" if where else "")
