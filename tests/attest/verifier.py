# SPDX-License-Identifier: BSD-3-Clause
"""A verifier of CCA attestation tokens (DEN0137 A7.2) that has nothing of ccasim in it: CBOR by cbor2, ECDSA and hashes by
the cryptography library. And a maker of such tokens by the same means."""
import hashlib

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

TAG_CCA, TAG_SIGN1 = 399, 18
PLATFORM, REALM = 44234, 44241
ES384 = bytes.fromhex("a1013822")  # {1: -35}
MEASUREMENTS = {"sha-256": 32, "sha-512": 64}
HASH = {"sha-256": hashlib.sha256, "sha-384": hashlib.sha384, "sha-512": hashlib.sha512}


class Rejected(Exception):
    """The token is not what it should be."""


def need(condition, why):
    if not condition:
        raise Rejected(why)


def decode(data):
    """One item, in the only encoding that is allowed: shortest form, definite lengths, nothing after it, no key twice."""
    try:
        item = cbor2.loads(data)
        again = cbor2.dumps(item)
    except Exception as error:  # whatever cbor2 finds
        raise Rejected(f"no CBOR: {error}") from error
    need(again == data, "not in the shortest form")
    return item


def bstr(value, *sizes):
    need(isinstance(value, bytes) and (not sizes or len(value) in sizes), "a byte string of another size")
    return value


def text(value):
    need(isinstance(value, str), "no text")
    return value


def public_key(cose_key):
    key = decode(bstr(cose_key))
    need(isinstance(key, dict) and list(key) == [1, -1, -2, -3] and (key[1], key[-1]) == (2, 2), "no EC2 key on P-384")
    x, y = (int.from_bytes(bstr(key[label], 48), "big") for label in (-2, -3))
    try:
        return ec.EllipticCurvePublicNumbers(x, y, ec.SECP384R1()).public_key()
    except ValueError as error:
        raise Rejected("no point of the curve") from error


def to_be_signed(payload):
    return cbor2.dumps(["Signature1", ES384, b"", payload])


def open_sign1(data, key_of):
    """The claims of a COSE_Sign1 that is signed with the key that key_of(claims) gives."""
    item = decode(bstr(data))
    need(isinstance(item, cbor2.CBORTag) and item.tag == TAG_SIGN1, "no COSE_Sign1")
    need(isinstance(item.value, list) and len(item.value) == 4, "a COSE_Sign1 has four items")
    protected, unprotected, payload, signature = item.value
    need(protected == ES384, "not ES384")
    need(unprotected == {} and isinstance(unprotected, dict), "an unprotected header")
    claims = decode(bstr(payload))
    need(isinstance(claims, dict), "claims are a map")
    signature = bstr(signature, 96)
    r, s = (int.from_bytes(signature[i:i + 48], "big") for i in (0, 48))
    try:
        key_of(claims).verify(encode_dss_signature(r, s), to_be_signed(payload), ec.ECDSA(hashes.SHA384()))
    except InvalidSignature as error:
        raise Rejected("the signature is wrong") from error
    return claims


def check_platform(claims):
    need(set(claims) == {265, 10, 2396, 256, 2401, 2395, 2399, 2400, 2402}, "the platform's claims")
    need(text(claims[265]) == "tag:arm.com,2023:cca_platform#1.0.0", "profile of the platform")
    bstr(claims[10], 32, 48, 64)
    bstr(claims[2396], 32)
    need(bstr(claims[256], 33)[0] == 1, "instance id")
    bstr(claims[2401])
    need(type(claims[2395]) is int and 0x3000 <= claims[2395] <= 0x30ff, "not secured")
    need(text(claims[2402]) in HASH, "hash algorithm of the platform")
    text(claims[2400])
    need(isinstance(claims[2399], list) and claims[2399], "software components")
    for part in claims[2399]:
        need(isinstance(part, dict) and {2, 5} <= set(part) <= {1, 2, 4, 5, 6}, "a software component")
        for label, value in part.items():
            bstr(value, 32, 48, 64) if label in (2, 5) else text(value)


def check_realm(claims):
    need(set(claims) - {265} == {10, 44235, 44236, 44237, 44238, 44239, 44240}, "the Realm's claims")
    need(claims.get(265, "tag:arm.com,2023:realm#1.0.0") == "tag:arm.com,2023:realm#1.0.0", "profile of the Realm")
    bstr(claims[10], 64)
    bstr(claims[44235], 64)
    size = MEASUREMENTS.get(text(claims[44236]))
    need(size, "hash algorithm of the Realm")
    bstr(claims[44238], size)
    need(isinstance(claims[44239], list) and len(claims[44239]) == 4, "four REMs")
    for rem in claims[44239]:
        bstr(rem, size)
    need(text(claims[44240]) in HASH, "hash algorithm of the public key")


def verify(token, platform_key, challenge=None, rim=None, rpv=None, rems=None):
    """Returns the claims of platform and Realm, or raises Rejected. What is given must be in the token."""
    item = decode(token)
    need(isinstance(item, cbor2.CBORTag) and item.tag == TAG_CCA, "no CCA token")
    need(isinstance(item.value, dict) and list(item.value) == [PLATFORM, REALM], "not the two tokens, in this order")
    platform = open_sign1(item.value[PLATFORM], lambda claims: platform_key)
    check_platform(platform)
    realm = open_sign1(item.value[REALM], lambda claims: public_key(claims.get(44237)))
    check_realm(realm)
    need(platform[10] == HASH[realm[44240]](realm[44237]).digest(), "the platform vouches for another key")
    for wanted, claim, what in ((challenge, 10, "challenge"), (rim, 44238, "RIM"), (rpv, 44235, "RPV"),
                                (rems, 44239, "REMs")):
        need(wanted is None or realm[claim] == wanted, f"another {what}")
    return platform, realm


# --- a token without ccasim ---

def sign1(claims, key):
    payload = cbor2.dumps(claims)
    r, s = decode_dss_signature(key.sign(to_be_signed(payload), ec.ECDSA(hashes.SHA384())))
    signature = r.to_bytes(48, "big") + s.to_bytes(48, "big")
    return cbor2.dumps(cbor2.CBORTag(TAG_SIGN1, [ES384, {}, payload, signature]))


def make(platform_key, realm_key, challenge, hash_name="sha-256", profile=True):
    size = MEASUREMENTS[hash_name]
    numbers = realm_key.public_key().public_numbers()
    rak = cbor2.dumps({1: 2, -1: 2, -2: numbers.x.to_bytes(48, "big"), -3: numbers.y.to_bytes(48, "big")})
    platform = {265: "tag:arm.com,2023:cca_platform#1.0.0", 10: hashlib.sha512(rak).digest(), 2396: b"i" * 32,
                256: b"\x01" + b"u" * 32, 2401: b"config", 2395: 0x3003,
                2399: [{2: b"m" * 48, 5: b"s" * 32}, {1: "RMM", 2: b"n" * 64, 5: b"s" * 48, 4: "0"}],
                2400: "https://example.org", 2402: "sha-512"}
    realm = {44238: b"r" * size, 10: challenge, 44235: b"p" * 64, 44236: hash_name, 44237: rak,
             44239: [bytes([n]) * size for n in range(4)], 44240: "sha-512"}
    if profile:
        realm[265] = "tag:arm.com,2023:realm#1.0.0"
    return cbor2.dumps(cbor2.CBORTag(TAG_CCA, {PLATFORM: sign1(platform, platform_key), REALM: sign1(realm, realm_key)}))
