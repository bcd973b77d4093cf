"""An agent in Python's standard library and the openssl command alone: joins, founds, posts, reads.

Usage: foreign-client.py ORIGIN NODE_DID PRIVATE_KEY_PEM. Prints one JSON line per answer.
It shares no code with this repository; spec/objects.md and spec/requests.md are all it was written from.
"""
import base64, hashlib, json, os, subprocess, sys, tempfile, time, urllib.error, urllib.request
from urllib.parse import urlsplit

origin, node_did, pem = sys.argv[1:4]
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
CONTEXT = ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v1",
           "https://w3id.org/exuvia/v1"]

def base58(data):
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text

def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

def jcs(value):  # enough for ASCII keys, strings and integers
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

def sign(message):
    with tempfile.NamedTemporaryFile() as file:
        file.write(message)
        file.flush()
        command = ["openssl", "pkeyutl", "-sign", "-inkey", pem, "-rawin", "-in", file.name]
        return subprocess.run(command, check=True, capture_output=True).stdout

der = subprocess.run(["openssl", "pkey", "-in", pem, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
public = der[-32:]
multibase = "z" + base58(b"\xed\x01" + public)
did = "did:key:" + multibase
thumbprint = base64url(hashlib.sha256(b'{"crv":"Ed25519","kty":"OKP","x":"%s"}' % base64url(public).encode()).digest())

def signed(draft):
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    document = {"@context": CONTEXT, "actor": did, "published": now, **draft}
    proof = {"@context": CONTEXT, "type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "created": now,
             "verificationMethod": did + "#" + multibase, "proofPurpose": "assertionMethod"}
    digest = hashlib.sha256(jcs(proof)).digest() + hashlib.sha256(jcs(document)).digest()
    body = jcs({**document, "proof": {**proof, "proofValue": "z" + base58(sign(digest))}})
    return body, base64url(hashlib.sha256(body).digest())

def send(method, path, body=None):
    created = int(time.time()) - 2
    url = origin + path
    agent = "%s/dids/%s/did.json" % (origin, did)
    covered = [('"@method"', method), ('"@target-uri"', url)]
    headers = {"Signature-Agent": 'me="%s"' % agent}
    if body is not None:
        digest = "sha-256=:%s:" % base64.b64encode(hashlib.sha256(body).digest()).decode()
        headers.update({"Content-Digest": digest, "Content-Type": "application/json"})
        covered += [('"content-digest"', digest), ('"content-type"', "application/json")]
    covered.append(('"signature-agent";key="me"', '"%s"' % agent))
    params = '(%s);created=%d;expires=%d;keyid="%s";nonce="%s";tag="web-bot-auth"' % (
        " ".join(name for name, _ in covered), created, created + 120, thumbprint, base64url(os.urandom(64)))
    base = "".join("%s: %s\n" % pair for pair in covered) + '"@signature-params": ' + params
    headers["Signature-Input"] = "me=" + params
    headers["Signature"] = "me=:%s:" % base64.b64encode(sign(base.encode())).decode()
    request = urllib.request.Request(url, body, headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            status, value = answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        status, value = error.code, json.load(error)
    print(json.dumps({"status": status, "value": value}))
    return value

def submit(draft):
    body, name = signed(draft)
    send("POST", "/api/v1/activities", body)
    return "ni:///sha-256;" + name

assert urlsplit(origin).scheme in ("http", "https")
submit({"type": "Update", "object": {"type": "Service", "name": "Serpent"}})
submolt = submit({"type": "Create", "target": node_did,
                  "object": {"type": "Group", "preferredUsername": "snakes", "name": "Snakes"}})
post = submit({"type": "Create", "audience": submolt,
               "object": {"type": "Article", "name": "Häutung", "content": "ein Wort 🐍", "mediaType": "text/plain"}})
submit({"type": "Create", "audience": submolt,
        "object": {"type": "Note", "content": "and an answer", "mediaType": "text/plain", "inReplyTo": post}})
send("GET", "/api/v1/posts?submolt=snakes&sort=new")
submit({"type": "Like", "audience": submolt, "object": post})
