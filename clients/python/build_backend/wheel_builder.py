"""Builds the wheel (PEP 517, PEP 427). The package is pure Python without dependencies, so that the standard library is enough,
and `pip install ./clients/python` needs no network.
"""

import base64
import hashlib
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

root = Path(__file__).resolve().parent.parent
project: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
release = f"{project['name']}-{project['version']}"


def build_wheel(wheel_directory: str, config_settings: object = None, metadata_directory: object = None) -> str:
    name = f"{release}-py3-none-any.whl"
    files = {f"kvaspire/{file.name}": file.read_bytes() for file in sorted((root / "src/kvaspire").iterdir()) if file.is_file()}
    files[f"{release}.dist-info/METADATA"] = metadata()
    files[f"{release}.dist-info/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: wheel_builder\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = f"{release}.dist-info/RECORD"
    files[record] = "".join([*(line(path, content) for path, content in files.items()), f"{record},,\n"]).encode()
    with zipfile.ZipFile(Path(wheel_directory, name), "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, content in files.items():
            wheel.writestr(zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0)), content)
    return name


def build_sdist(sdist_directory: str, config_settings: object = None) -> str:
    name = f"{release}.tar.gz"
    with tarfile.open(Path(sdist_directory, name), "w:gz") as archive:
        for member in ["pyproject.toml", "README.md", "build_backend", "src"]:
            archive.add(root / member, f"{release}/{member}", filter=lambda info: None if "__pycache__" in info.name else info)
    return name


def metadata() -> bytes:
    return (
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\nSummary: {project['description']}\n"
        f"License: {project['license']['text']}\nRequires-Python: {project['requires-python']}\n"
        f"Description-Content-Type: text/markdown\n\n{(root / 'README.md').read_text('utf-8')}"
    ).encode()


def line(path: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(content)}\n"
