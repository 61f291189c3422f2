"""Writes every report there is with the real binary, and holds each against its published schema."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import jsonschema
import xmlschema
import yaml

PROGRAM, WORK = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
SARIF = jsonschema.Draft4Validator(json.loads(Path(sys.argv[3]).read_text()))
JUNIT = xmlschema.XMLSchema(sys.argv[4])
ROOT = Path.cwd()

# Components that are fit, and some that are not in each way that says something a report could stumble over.
GUESTS = [
    "noop", "echo", "every_content", "bad_names", "no_exports", "wrong_world", "escape_codes", "schema_bomb",
    "invalid_json_schema", "huge_list", "panics_in_list", "foreign_uri", "wants_http", "deep_json",
]
# Which programs read a report is decided by what they make of it, and not by what it is about.
FORMATS = ["sarif", "junit", "github", "json"]

COMMAND = re.compile(r"::(error|warning|notice) file=[^,:\r\n]+,line=[1-9][0-9]*,title=PC[0-9]{4}::[^\r\n]*")

failed = []


def check(claim, problems):
    problems = list(problems)
    print("ok  " if not problems else "FAIL", claim)
    for problem in problems[:5]:
        print("    ", problem)
    if problems:
        failed.append(claim)


def sarif(path):
    log = json.loads(path.read_text())
    for error in SARIF.iter_errors(log):
        yield f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
    # What the schema cannot say, and code scanning asks for.
    for run in log["runs"]:
        rules = run["tool"]["driver"]["rules"]
        for result in run["results"]:
            if rules[result["ruleIndex"]]["id"] != result["ruleId"]:
                yield f"{result['ruleId']} is not the rule of its index"
            if not result["locations"] or not result["partialFingerprints"]:
                yield f"{result['ruleId']} has no place"
            if len(result["message"]["text"]) == 0:
                yield f"{result['ruleId']} says nothing"


def junit(path):
    for error in JUNIT.iter_errors(str(path)):
        yield f"{error.path}: {error.reason}"


def github(path):
    for line in path.read_text().splitlines():
        if not COMMAND.fullmatch(line):
            yield f"no command: {line[:200]}"


def nothing_more(path):
    json.loads(path.read_text())
    return []


READERS = {"sarif": sarif, "junit": junit, "github": github, "json": nothing_more}


def run(*arguments):
    environment = {**os.environ, "XDG_CACHE_HOME": str(WORK / "cache"), "XDG_DATA_HOME": str(WORK / "data")}
    environment.pop("GITHUB_ACTIONS", None)
    return subprocess.run(
        [PROGRAM, *map(str, arguments)], cwd=WORK / "components", env=environment, capture_output=True, text=True, timeout=600
    )


def components():
    folder = WORK / "components"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "größe und so").mkdir(parents=True)
    guests = ROOT / "target/guests/wasm32-wasip2/guest/examples"
    for guest in GUESTS:
        shutil.copy(guests / f"{guest}.wasm", folder / "größe und so" / f"{guest}.wasm")
    (folder / "nothing.wasm").write_bytes(b"")
    (folder / "words, and: 100%.wasm").write_text("::error::these are words")
    (folder / "with a manifest").mkdir()
    shutil.copy(guests / "noop.wasm", folder / "with a manifest" / "noop.wasm")
    (folder / "with a manifest" / "plugin.json").write_text('{"name": "noop",\n "version": "one",\n "colour": "red"}\n')
    return ["größe und so", "nothing.wasm", "words, and: 100%.wasm", "with a manifest"]


def validating():
    paths = components()
    for what, named, code in [("bad components", paths, 1), ("a good one", ["größe und so/noop.wasm"], 0)]:
        for form in FORMATS:
            report = WORK / f"{what.replace(' ', '-')}.{form}"
            report.unlink(missing_ok=True)
            ended = run("validate", *named, "--format", form, "--output", report)
            problems = [] if ended.returncode == code else [f"it ended with {ended.returncode}: {ended.stderr[-300:]}"]
            problems += READERS[form](report) if report.exists() else ["nothing was written"]
            check(f"validate --format {form}, of {what}", problems)
    texts = [(WORK / f"bad-components.{form}").read_text() for form in ["sarif", "github"]]
    found = [set(re.findall(r"PC[0-9]{4}", text)) for text in texts]
    check("the formats tell of the same problems, of more than three kinds", [] if found[0] >= found[1] and len(found[1]) > 3 else [found])


def what_ci_left():
    left = sorted((ROOT / "target/reports").glob("*"))
    for path in left:
        form = {".sarif": "sarif", ".xml": "junit"}.get(path.suffix)
        if form:
            check(f"target/reports/{path.name}", READERS[form](path))


def gitlab():
    header, job = yaml.safe_load_all((ROOT / "ci/gitlab.yml").read_text())
    schema = files("check_jsonschema").joinpath("builtin_schemas/vendor/gitlab-ci.json").read_text()
    validator = jsonschema.Draft7Validator(json.loads(schema))
    for document in [header, job]:
        for error in validator.iter_errors(document):
            yield f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"


validating()
what_ci_left()
check("ci/gitlab.yml", gitlab())
if failed:
    sys.exit(f"{len(failed)} failed")
