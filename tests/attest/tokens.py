#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Tokens of the model before an independent verifier (verifier.py), and tokens of others before `ccasim token`. TAP.

usage: tokens.py CCASIM SCENARIOS
"""
import json
import os
import struct
import subprocess
import sys
import tempfile

from cryptography.hazmat.primitives.asymmetric import ec

import verifier

CCASIM, SCENARIOS = map(os.path.abspath, sys.argv[1:3])

SCENARIO = """# A Realm with contents, a personalization value and measurements of its own gets its token
ccasim: 1
machine: {{seed: {seed}}}
use:
  - {{file: setup/realm.yaml, with: {{hash: {hash}}}}}
  - setup/data.yaml
  - setup/active.yaml
script:
  main:
    0:
      - RSI_MEASUREMENT_EXTEND: [2, 3, 0x030201, 0, 0, 0, 0, 0, 0, 0]
      - RSI_ATTESTATION_TOKEN_INIT: [{challenge}]
      - RSI_ATTESTATION_TOKEN_CONTINUE: {{addr: 0x1000, offset: 0, size: 4K}}
      - expect: {{x0: 0}}
      - RSI_MEASUREMENT_READ: 0
      - end:
steps:
  - attach_script: {{script: main, rd: rd}}
  - rec_run: {{at: run}}
  - REC_ENTER: [rec, run]
"""
CHALLENGE = [0x1111111111111111 * n + 0xfedc for n in range(1, 9)]
CHALLENGE_BYTES = struct.pack("<8Q", *(n & (1 << 64) - 1 for n in CHALLENGE))

number = 0
failed = 0


def report(what, wrong):
    global number, failed
    number += 1
    failed += bool(wrong)
    print(f"{'not ok' if wrong else 'ok'} {number} - {what}")
    for line in wrong[:10]:
        print(f"# {line}")


def ccasim(*args, data=None):
    return subprocess.run([CCASIM, *args], capture_output=True, check=False, input=data)


def key_of(described):
    x, y = (int(described["platform_key"][c], 16) for c in "xy")
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP384R1()).public_key()


def rejects(token, key):
    try:
        verifier.verify(token, key, challenge=CHALLENGE_BYTES)
    except verifier.Rejected:
        return True
    return False


def from_scenario(folder, seed, hash_name):
    path = os.path.join(folder, f"{seed}-{hash_name}.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(SCENARIO.format(seed=seed, hash={"sha256": 0, "sha512": 1}[hash_name], challenge=", ".join(map(hex, CHALLENGE))))
    raw = ccasim("token", "--raw", path)
    described = ccasim("token", "--json", path)
    if raw.returncode or described.returncode:
        raise SystemExit(f"Bail out! {path}: {raw.stderr.decode()}{described.stderr.decode()}")
    return path, raw.stdout, json.loads(described.stdout)


def accepted(folder):
    """Tokens of both kinds of Realm and of two machines."""
    tokens = {}
    for seed, hash_name in ((0, "sha256"), (0, "sha512"), (77, "sha256")):
        path, token, described = from_scenario(folder, seed, hash_name)
        wrong = []
        try:
            _, realm = verifier.verify(token, key_of(described), challenge=CHALLENGE_BYTES)
            if realm[44236] != {"sha256": "sha-256", "sha512": "sha-512"}[hash_name]:
                wrong.append("hash algorithm")
            if [any(rem) for rem in realm[44239]] != [False, True, False, False]:
                wrong.append("REMs")
            if realm[44238].hex() != described["realm"]["claims"]["44238"]:
                wrong.append("ccasim token prints another RIM")
        except verifier.Rejected as error:
            wrong.append(str(error))
        report(f"a token of a {hash_name} Realm, seed {seed}, is accepted", wrong)
        wrong = [] if ccasim("token", "--raw", path).stdout == token else ["another token the second time"]
        report(f"the same token each time ({hash_name}, seed {seed})", wrong)
        tokens[seed, hash_name] = token, key_of(described)
    raks = {seed: verifier.decode(tokens[seed, "sha256"][0]).value[verifier.PLATFORM] for seed in (0, 77)}
    report("another machine has other keys", ["they are the same"] if raks[0] == raks[77] else [])
    return tokens


def one_byte(tokens):
    for (seed, hash_name), (token, key) in tokens.items():
        if seed:
            continue
        wrong = []
        for at in range(len(token)):
            for flip in (0x01, 0x80) if hash_name == "sha256" else (0x10,):
                changed = token[:at] + bytes([token[at] ^ flip]) + token[at + 1:]
                if not rejects(changed, key):
                    wrong.append(f"offset {at}, flip 0x{flip:02x}: accepted")
        report(f"a change of one byte is rejected at each of {len(token)} offsets ({hash_name})", wrong)
        wrong = [f"cut to {n} bytes: accepted" for n in range(0, len(token), 7) if not rejects(token[:n], key)]
        if not rejects(token + b"\0", key):
            wrong.append("a byte more: accepted")
        report(f"a token that is too short or too long is rejected ({hash_name})", wrong)


def other_parts(tokens):
    """Parts that are good, each by itself, do not make a token."""
    token, key = tokens[0, "sha256"]
    other, other_key = tokens[77, "sha256"]
    cbor = verifier.cbor2
    mixed = verifier.decode(token).value
    mixed[verifier.REALM] = verifier.decode(other).value[verifier.REALM]
    mixed = cbor.dumps(cbor.CBORTag(verifier.TAG_CCA, mixed))
    wrong = [] if rejects(mixed, key) else ["accepted"]
    report("the platform token of one machine does not vouch for the Realm token of another", wrong)
    report("a token is checked with the key of its own machine", [] if rejects(token, other_key) else ["accepted"])
    inner = verifier.decode(token).value
    item = verifier.decode(inner[verifier.REALM])
    item.value[1] = {4: b"kid"}
    inner[verifier.REALM] = cbor.dumps(item)
    changed = cbor.dumps(cbor.CBORTag(verifier.TAG_CCA, inner))
    wrong = [] if rejects(changed, key) else ["accepted by the verifier"]
    with tempfile.NamedTemporaryFile() as f:
        f.write(changed)
        f.flush()
        got = ccasim("token", f.name)
    if got.returncode != 3 or b"unprotected header" not in got.stderr:
        wrong.append(f"ccasim token: {got.returncode} {got.stderr}")
    report("an unprotected header that is not empty is rejected", wrong)


def independent(folder):
    """Tokens made without ccasim: accepted by the verifier, and by ccasim token."""
    for hash_name, profile in (("sha-256", True), ("sha-512", False)):
        platform, realm = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP384R1())
        token = verifier.make(platform, realm, CHALLENGE_BYTES, hash_name, profile)
        wrong = []
        try:
            verifier.verify(token, platform.public_key(), challenge=CHALLENGE_BYTES)
        except verifier.Rejected as error:
            wrong.append(str(error))
        path = os.path.join(folder, "made.cbor")
        with open(path, "wb") as f:
            f.write(token)
        n = platform.public_key().public_numbers()
        got = ccasim("token", "--platform-key", f"{n.x:096x}{n.y:096x}", path)
        if got.returncode:
            wrong.append(f"ccasim token: {got.returncode} {got.stderr.decode()}{got.stdout.decode()}")
        if ccasim("token", path).returncode != 1:
            wrong.append("ccasim token takes it for one of its own machine")
        report(f"a token that ccasim did not make ({hash_name}) is accepted", wrong)


def tool_rejects(folder, token):
    """ccasim token: exit code 1 for a wrong signature, 3 with offset and cause for what is no token."""
    path = os.path.join(folder, "changed.cbor")
    wrong = []
    for at in range(len(token)):
        with open(path, "wb") as f:
            f.write(token[:at] + bytes([token[at] ^ 0x01]) + token[at + 1:])
        got = ccasim("token", path)
        if got.returncode not in (1, 3) or (got.returncode == 3 and b": offset " not in got.stderr):
            wrong.append(f"offset {at}: {got.returncode} {got.stderr.decode()}")
    report("ccasim token rejects a change of one byte at every offset", wrong)
    wrong = []
    for size in range(0, len(token), 13):
        with open(path, "wb") as f:
            f.write(token[:size])
        got = ccasim("token", path)
        if got.returncode != 3 or not (b"truncated" in got.stderr or b"data ends" in got.stderr):
            wrong.append(f"{size} bytes: {got.returncode} {got.stderr.decode()}")
    report("ccasim token says where a truncated token ends", wrong)
    with open(path, "wb") as f:
        f.write(token.replace(b"tag:arm", b"tag:\xe9rm"))
    got = ccasim("token", path)
    bad = got.returncode != 3 or b"text that is not UTF-8" not in got.stderr
    report("ccasim token refuses text that is not UTF-8", [f"{got.returncode} {got.stderr}"] if bad else [])


def main():
    print("TAP version 13")
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(os.path.join(SCENARIOS, "setup"), os.path.join(folder, "setup"))
        tokens = accepted(folder)
        one_byte(tokens)
        other_parts(tokens)
        independent(folder)
        tool_rejects(folder, tokens[0, "sha256"][0])
    print(f"1..{number}")
    return 1 if failed else 0


sys.exit(main())
