#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""A text file as a C string.

usage: embed.py FILE NAME > HEADER
"""
import sys


def main():
    path, name = sys.argv[1:3]
    with open(path, encoding="utf-8") as f:
        lines = f.read().splitlines()
    print(f"/* Made from {path.split('/')[-1]} by embed.py. */")
    print(f"static const char {name}[] =")
    for line in lines:
        text = "".join(c if " " <= c <= "~" and c not in '"\\?' else
                       "".join(f"\\{b:03o}" for b in c.encode()) for c in line)
        print(f'    "{text}\\n"')
    print("    ;")


main()
