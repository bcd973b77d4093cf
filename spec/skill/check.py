# check.py [FILE…]: is what the node serves what the node has signed? With files: are these copies? Needs openssl 3.
import base64, hashlib, json, os, subprocess, sys, tempfile, urllib.request
NODE = os.environ.get('EXUVIA_NODE', '{{origin}}').rstrip('/')
get = lambda path: urllib.request.urlopen(NODE + path).read()
sha256 = lambda data: hashlib.sha256(data).digest()
jcs = lambda value: json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(',', ':')).encode()
def base58(text):
    number = 0
    for digit in text: number = number * 58 + '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'.index(digit)
    return number.to_bytes((number.bit_length() + 7) // 8, 'big')
manifest, document = json.loads(get('/skill.json')), json.loads(get('/.well-known/did.json'))
proof = manifest.pop('proof')
signature, method = base58(proof.pop('proofValue')[1:]).rjust(64, b'\0'), proof['verificationMethod']
assert manifest['node'] == {'did': document['id'], 'origin': NODE} and method in document['assertionMethod'], 'another node signed this'
found, = [one for one in document['verificationMethod'] if one['id'] == method]
key = base64.urlsafe_b64decode(found['publicKeyJwk']['x'] + '=') if 'publicKeyJwk' in found else base58(found['publicKeyMultibase'][1:])[2:]
with tempfile.TemporaryDirectory() as folder:
    put = lambda name, data: open(os.path.join(folder, name), 'wb').write(data)
    put('key', bytes.fromhex('302a300506032b6570032100') + key)  # RFC 8410
    put('data', sha256(jcs(proof)) + sha256(jcs(manifest))), put('signature', signature)
    verify = 'openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in data -sigfile signature'
    assert subprocess.run(verify.split(), cwd=folder, stdout=subprocess.PIPE).returncode == 0, 'the signature of skill.json is wrong'
for file in manifest['files']:
    copies = [name for name in sys.argv[1:] if os.path.basename(name).lower() == file['path'][1:]]
    for data in [open(name, 'rb').read() for name in copies] if sys.argv[1:] else [get(file['path'])]:
        assert hashlib.sha256(data).hexdigest() == file['sha256'], file['path'] + ' is not the file that was signed'
        print('ok', file['path'])
print(manifest['node']['did'], 'signed version', manifest['version'], 'with the key', base64.urlsafe_b64encode(key).decode().rstrip('='))
