// Runs the conformance suite against a server that is starting, and judges every check, since the suite's own exit code
// covers only the scored ones.
//
//   node suite.mjs <suite> <log of the server> <its process> <this folder> [--write]

import { execFileSync, spawn } from "node:child_process";
import { existsSync, globSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const [suite, log, pid, folder, option] = process.argv.slice(2);
const results = join(dirname(log), "results");
const docs = join(folder, "../../docs/conformance.md");

// Compiling the plugins takes a debug build half a minute on a slow machine.
const READY_MS_MAX = 180_000;

// The checks that the suite leaves out whatever the server does, and why. Any other skip is a failure.
const SKIPS = JSON.parse(readFileSync(join(folder, "skips.json"), "utf8"));

const yaml = createRequire(suite)("yaml");

// The scenarios of a revision that concern servers, and whether each counts for the suite's score.
function requirements(revision) {
  const file = join(dirname(suite), "../requirements", `${revision}.yaml`);
  const { server, not_scored } = yaml.parse(readFileSync(file, "utf8"));
  const others = not_scored.filter((it) => it.leg === "server");
  const group = (it) => (it.reason !== "extension" ? "unscored" : it.scenario.split("-")[0]);
  return new Map([
    ...server.map((name) => [name, "scored"]),
    ...others.map((it) => [it.scenario, group(it)]),
  ]);
}

function scenariosOfTheSuite() {
  const list = execFileSync(process.execPath, [suite, "list", "--server"], { encoding: "utf8" });
  return [...list.matchAll(/^\s+- (\S+) \[/gm)].map(([, name]) => name);
}

function isAlive() {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}

// The URL the server says it serves, as soon as all its plugins are in service.
async function ready() {
  const end = Date.now() + READY_MS_MAX;
  let last = "it said no address";
  while (Date.now() < end && isAlive()) {
    const url = readFileSync(log, "utf8").match(/http:\/\/\S+\/mcp/)?.[0];
    if (url) {
      const answer = await fetch(new URL("/ready", url)).catch((error) => ({ ok: false, text: () => error }));
      if (answer.ok) return url;
      last = await answer.text();
    }
    await pause(100);
  }
  throw new Error(`the server is not ready: ${last}\n${readFileSync(log, "utf8")}`);
}

// Runs the suite once. Its words go to a file; its results are files as well.
async function run(name, args, url) {
  const output = join(results, name);
  mkdirSync(output, { recursive: true });
  const words = openSync(join(output, "suite.log"), "w");
  const child = spawn(process.execPath, [suite, "server", "--url", url, "-o", output, ...args], {
    stdio: ["ignore", words, words],
  });
  const code = await new Promise((resolve) => child.on("exit", resolve));
  const scenarios = new Map();
  for (const file of globSync(join(output, "**/checks.json"))) {
    const scenario = basename(dirname(file)).match(/^server-(.+)-\d{4}-\d\d-\d\dT/)[1];
    scenarios.set(scenario, JSON.parse(readFileSync(file, "utf8")));
  }
  return { code, scenarios, output };
}

const url = await ready();
rmSync(results, { recursive: true, force: true });
const problems = [];
const skipped = new Map();
const seen = new Set();
const table = [];

// One line of the table: the scenarios of one group in one run.
function judge(title, names, { scenarios }) {
  const line = { title, scenarios: names.length, passed: 0, failed: 0, skipped: 0 };
  for (const name of names) {
    const checks = scenarios.get(name) ?? [];
    if (!checks.some((it) => it.status !== "INFO")) {
      problems.push(`${title}: ${name}: no check was made`);
      line.failed += 1;
      continue;
    }
    seen.add(name);
    for (const check of checks) {
      const what = `${name}:${check.id}`;
      if (check.status === "SUCCESS") {
        line.passed += 1;
      } else if (check.status === "SKIPPED" && SKIPS[what]) {
        line.skipped += 1;
        skipped.set(what, SKIPS[what]);
      } else if (check.status !== "INFO") {
        line.failed += 1;
        problems.push(`${title}: ${what}: ${check.status}: ${check.errorMessage ?? JSON.stringify(check.details)}`);
      }
    }
  }
  table.push(line);
}

for (const revision of ["2025-11-25", "2026-07-28"]) {
  const wanted = requirements(revision);
  const made = await run(revision, ["--requirements", revision], url);
  for (const group of new Set(wanted.values())) {
    const names = [...wanted.keys()].filter((it) => wanted.get(it) === group);
    const isExtension = group !== "scored" && group !== "unscored";
    judge(isExtension ? `extension ${group}` : `${revision}, ${group}`, names, made);
  }
  for (const name of made.scenarios.keys()) {
    if (!wanted.has(name)) problems.push(`${revision}: ${name} ran and nobody counts it`);
  }
  if (made.code !== 0) problems.push(`${revision}: the suite ended with ${made.code}, see ${made.output}/suite.log`);
}

// The extensions that no revision names run one by one.
const rest = scenariosOfTheSuite().filter((it) => !seen.has(it) && it.startsWith("sep-2640-"));
const skills = { scenarios: new Map() };
for (const name of rest) {
  const made = await run(name, ["--scenario", name], url);
  skills.scenarios.set(name, made.scenarios.get(name));
}
if (rest.length > 0) judge("extension skills", rest, skills);
for (const name of scenariosOfTheSuite()) {
  if (!seen.has(name) && !problems.some((it) => it.includes(name))) problems.push(`${name} was not run`);
}

const markdown = [
  "| what | scenarios | checks passed | failed | skipped |",
  "|---|---|---|---|---|",
  ...table.map((it) => `| ${it.title} | ${it.scenarios} | ${it.passed} | ${it.failed} | ${it.skipped} |`),
  "",
  ...[...skipped].map(([what, why]) => `Skipped: \`${what}\`, because ${why}`),
].join("\n");
console.log(`\n${markdown}\n`);

const region = /(<!-- results -->\n)[^]*?(\n<!-- end of results -->)/;
const text = existsSync(docs) ? readFileSync(docs, "utf8") : "";
const written = text.replace(region, (_, begin, end) => `${begin}${markdown}${end}`);
if (option === "--write") {
  writeFileSync(docs, written);
} else if (written !== text || !region.test(text)) {
  problems.push(`docs/conformance.md says something else (hint: tests/conformance/run --write)`);
}

for (const problem of problems) console.error(problem);
console.error(problems.length === 0 ? "every check passed" : `${problems.length} problems, results in ${results}`);
process.exitCode = problems.length === 0 ? 0 : 1;
