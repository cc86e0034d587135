#!/usr/bin/env python3
"""What a release is made of, from `cargo metadata` and Cargo.lock and nothing else.

    sbom.py TARGET bom FILE        a CycloneDX 1.5 list of the crates, as JSON
    sbom.py TARGET licences FILE   the licence texts that lie in those crates' own folders

Only what is built for TARGET counts, never what only tests use. What only runs while building (build scripts, procedural
macros and what they need) is listed with the scope "excluded", and its licences are left out. The time is
SOURCE_DATE_EPOCH; the same commit gives the same bytes.
"""

import json
import os
import re
import subprocess
import sys
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def metadata(target: str) -> dict:
    words = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target]
    return json.loads(subprocess.run(words, cwd=ROOT, check=True, capture_output=True).stdout)


def checksums() -> dict:
    """SHA-256 sums of the crates' archives by (name, version), as Cargo.lock has them."""
    sums = {}
    for block in (ROOT / "Cargo.lock").read_text(encoding="utf-8").split("[[package]]")[1:]:
        facts = dict(re.findall(r'^(name|version|checksum) = "(.*)"$', block, re.M))
        sums[facts["name"], facts["version"]] = facts.get("checksum")
    return sums


def reached(data: dict) -> tuple:
    """Ids of the packages that are in the program, and of those that are only needed to build it."""
    nodes = {node["id"]: node for node in data["resolve"]["nodes"]}
    packages = {package["id"]: package for package in data["packages"]}
    macros = {id for id, package in packages.items() if any("proc-macro" in t["kind"] for t in package["targets"])}
    inside, building = set(), set()
    todo = [(data["resolve"]["root"], True)]
    while todo:
        id, runs = todo.pop()
        seen = inside if runs else building
        if id in seen:
            continue
        seen.add(id)
        for dependency in nodes[id]["deps"]:
            kinds = {kind["kind"] for kind in dependency["dep_kinds"]}
            if None in kinds:
                todo.append((dependency["pkg"], runs and dependency["pkg"] not in macros))
            if "build" in kinds:
                todo.append((dependency["pkg"], False))
    return packages, nodes, inside, building - inside


def reference(package: dict) -> str:
    return f"pkg:cargo/{package['name']}@{package['version']}"


def component(package: dict, sums: dict) -> dict:
    entry = {
        "type": "library",
        "bom-ref": reference(package),
        "name": package["name"],
        "version": package["version"],
        "purl": reference(package),
    }
    if package.get("license"):
        # Cargo still takes the old slash for OR.
        entry["licenses"] = [{"expression": re.sub(r"\s*/\s*", " OR ", package["license"])}]
    if sums.get((package["name"], package["version"])):
        entry["hashes"] = [{"alg": "SHA-256", "content": sums[package["name"], package["version"]]}]
    if package.get("repository"):
        entry["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
    return entry


def bom(target: str) -> str:
    data, sums = metadata(target), checksums()
    packages, nodes, inside, building = reached(data)
    root = packages[data["resolve"]["root"]]
    order = sorted((inside | building) - {root["id"]}, key=lambda id: (packages[id]["name"], packages[id]["version"]))
    components = [component(packages[id], sums) | {"scope": "required" if id in inside else "excluded"} for id in order]
    links = [
        {
            "ref": reference(packages[id]),
            "dependsOn": sorted({reference(packages[d["pkg"]]) for d in nodes[id]["deps"] if d["pkg"] in inside | building}),
        }
        for id in [root["id"], *order]
    ]
    own = component(root, sums) | {"type": "application"}
    epoch = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"])))
    number = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps([target, epoch, own, components]))
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{number}",
        "version": 1,
        "metadata": {
            "timestamp": epoch,
            "component": own,
            "properties": [{"name": "target", "value": target}],
        },
        "components": components,
        "dependencies": links,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def licences(target: str) -> str:
    packages, _, inside, _ = reached(metadata(target))
    texts: dict = {}
    without = []
    for id in sorted(inside, key=lambda id: (packages[id]["name"], packages[id]["version"])):
        package = packages[id]
        if package["source"] is None:
            continue
        name = f"{package['name']} {package['version']} ({package.get('license') or 'see its file'})"
        folder = Path(package["manifest_path"]).parent
        found = sorted(path for path in folder.iterdir() if re.match(r"(?i)(licen[cs]e|copying|notice|unlicense)", path.name) and path.is_file())
        for path in found:
            text = path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n").strip()
            texts.setdefault(text, []).append(name)
        if not found:
            without.append(name)
    parts = ["The program contains these crates, under these terms.\n"]
    for text, names in texts.items():
        parts.append("=" * 78 + "\n" + "\n".join(dict.fromkeys(names)) + "\n" + "-" * 78 + "\n" + text + "\n")
    if without:
        parts.append("=" * 78 + "\nTheir archives carry no text of the licence that they name:\n" + "\n".join(without) + "\n")
    return "\n".join(parts)


def main() -> None:
    if len(sys.argv) != 4 or sys.argv[2] not in ("bom", "licences"):
        sys.exit(__doc__)
    _, target, what, file = sys.argv
    made = bom(target) if what == "bom" else licences(target)
    Path(file).write_text(made, encoding="utf-8", newline="\n")


main()
