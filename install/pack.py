#!/usr/bin/env python3
"""Packs what install/release.sh has laid into a folder, so that the same content is the same bytes: sorted names, one time,
no owner. Python's standard library only, because tar and zip differ between Linux, macOS and Windows.

    pack.py FOLDER ARCHIVE      the time is SOURCE_DATE_EPOCH; ARCHIVE ends with .tar.gz or .zip
"""

import gzip
import os
import sys
import tarfile
import time
import zipfile
from pathlib import Path


def files(folder: Path):
    """The files below the folder and their names in the archive, below one folder of the archive's name."""
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        if path.is_file():
            yield path, f"{folder.name}/{path.relative_to(folder).as_posix()}"


def mode(path: Path) -> int:
    return 0o755 if path.name in ("doctor", "doctor.exe") else 0o644


def tar(folder: Path, archive: Path, epoch: int) -> None:
    with archive.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=epoch) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as out:
            for path, name in files(folder):
                entry = tarfile.TarInfo(name)
                entry.size, entry.mtime, entry.mode = path.stat().st_size, epoch, mode(path)
                entry.uname = entry.gname = "root"
                with path.open("rb") as content:
                    out.addfile(entry, content)


def zip_(folder: Path, archive: Path, epoch: int) -> None:
    # A zip file knows no time before 1980 and no zone.
    when = time.gmtime(max(epoch, 315532800))[:6]
    with zipfile.ZipFile(archive, "w") as out:
        for path, name in files(folder):
            entry = zipfile.ZipInfo(name, when)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            entry.external_attr = (0o100000 | mode(path)) << 16
            out.writestr(entry, path.read_bytes(), compresslevel=9)


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, archive = Path(sys.argv[1]), Path(sys.argv[2])
    unfinished = archive.with_name(archive.name + ".unfinished")
    write = zip_ if archive.name.endswith(".zip") else tar
    write(folder, unfinished, int(os.environ["SOURCE_DATE_EPOCH"]))
    unfinished.replace(archive)


main()
