# SPDX-License-Identifier: BSD-3-Clause
"""The committed JSON Schema is the one that the tables make; shipped scenarios are valid by it, bad ones are not."""
import json
import os
import subprocess
import sys

ccasim = os.path.abspath(sys.argv[1])
root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
count = 0
all_ok = True


def check(name, ok, text=""):
    global count, all_ok
    count += 1
    all_ok &= ok
    print("ok" if ok else "not ok", count, "-", name)
    for line in text.splitlines() if not ok else []:
        print("#", line)


def scenarios():
    for folder, folders, files in os.walk(os.path.join(root, "scenarios")):
        folders.sort()
        for name in sorted(files):
            if name.endswith(".yaml"):
                yield os.path.relpath(os.path.join(folder, name), root)


made = subprocess.run([ccasim, "schema"], capture_output=True, text=True, check=True).stdout
with open(os.path.join(root, "schema", "scenario.schema.json")) as f:
    check("the schema is current", f.read() == made, "ccasim schema >schema/scenario.schema.json")
schema = json.loads(made)
commands = json.loads(subprocess.run([ccasim, "list", "--json", "commands"], capture_output=True, check=True).stdout)
steps = schema["definitions"]["step"]["properties"]
missing = [c["command"] for c in commands if c["command"].startswith("RMI_") and c["command"][4:] not in steps]
check("every RMI command is in the schema", not missing, " ".join(missing))

try:
    import jsonschema
    import yaml
except ImportError as e:
    print(f"ok {count + 1} - scenarios by the schema # SKIP {e}")
    print(f"1..{count + 1}")
    sys.exit(not all_ok)

jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
for path in scenarios():
    with open(os.path.join(root, path)) as f:
        text = f.read()
    errors = []
    try:
        for e in validator.iter_errors(yaml.safe_load(text)):
            errors.append(f"{list(e.absolute_path)}: {e.message[:200]}")
    except yaml.YAMLError as e:
        errors.append(f"editors refuse it (inside {{}} and [] write rtt.1 for rtt[1]): {e}")
    depth = "../" * path.count("/")
    if f"$schema={depth}schema/scenario.schema.json" not in text:
        errors.append("no modeline for the schema")
    check(path, not errors, "\n".join(errors))

wrong = {
    "unknown key": {"ccasim": 1, "steps": [], "tag": "x"},
    "unknown step": {"ccasim": 1, "steps": [{"RTT_CRATE": {"rd": "rd"}}]},
    "unknown argument": {"ccasim": 1, "steps": [{"RTT_DESTROY": {"rd": "rd", "ipa": 0, "levle": 3}}]},
    "missing argument": {"ccasim": 1, "steps": [{"RTT_DESTROY": {"rd": "rd", "ipa": 0}}]},
    "wrong status": {"ccasim": 1, "steps": [{"VERSION": 0, "expect": "RMI_EROR"}]},
    "wrong choice": {"ccasim": 1, "steps": [{"host_load": {"at": 0, "fault": "maybe"}}]},
}
for name, document in wrong.items():
    check("refused: " + name, not validator.is_valid(document))
print(f"1..{count}")
sys.exit(not all_ok)
