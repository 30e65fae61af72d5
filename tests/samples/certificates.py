"""Certificates that nobody vouches for."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path


def self_signed(folder: Path, *domains: str) -> ssl.SSLContext:
    """A server's TLS for 127.0.0.1 (and `domains`) with a certificate of its own making."""
    file = folder / "self-signed.pem"
    ask = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    alternatives = ",".join(["IP:127.0.0.1", *(f"DNS:{domain}" for domain in domains)])
    names = ["-addext", f"subjectAltName={alternatives}", "-keyout", f"{file}.key", "-out", str(file)]
    subprocess.run([*ask.split(), *names], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file, f"{file}.key")
    return context
