"""A time-stamping authority for tests: `openssl ts` behind a little server on loopback."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# The request as it came, the answer as the authority gave it -> the answer that is sent.
Twist = Callable[[bytes, bytes], bytes]
REPLY = "application/timestamp-reply"

_CONFIG = """[tsa]
default_tsa = authority
[authority]
serial = {0}/serial
signer_cert = {0}/tsa.pem
signer_key = {0}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


class Authority:
    """Keys and certificates in a folder: `root` is what a reader trusts."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        self.root = _certificate(f"{name} root", root_key, f"{name} root", root_key, of_root=True)
        leaf = _certificate(name, key, f"{name} root", root_key, of_root=False)
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "tsa.key").write_bytes(secret)
        (folder / "tsa.pem").write_bytes(leaf.public_bytes(Encoding.PEM))
        (folder / "root.pem").write_bytes(self.root.public_bytes(Encoding.PEM))
        (folder / "tsa.cnf").write_text(_CONFIG.format(folder))

    def reply(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        self._run("-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply")
        return (self.folder / "reply").read_bytes()

    def verifies(self, content: bytes, response: bytes) -> bool:
        """What `openssl ts -verify` says."""
        (self.folder / "content").write_bytes(content)
        (self.folder / "response").write_bytes(response)
        said = self._run("-verify", "-data", "content", "-in", "response", "-CAfile", "root.pem")
        return said.startswith("Verification: OK")

    def _run(self, *arguments: str) -> str:
        command = ["openssl", "ts", *arguments]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True).stdout


@contextmanager
def serving(
    authority: Authority,
    twist: Twist = lambda query, reply: reply,
    status: int = 200,
    content_type: str = REPLY,
) -> Iterator[str]:
    """The authority over HTTP, honest or not; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.end_headers()
            self.wfile.write(twist(query, authority.reply(query)))

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/tsa"
        finally:
            server.shutdown()
            thread.join()


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    of_root: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=of_root, path_length=None), critical=True)
    )
    if not of_root:  # RFC 3161 section 2.3: this use, this use alone, and critical
        use = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(use, critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
