// The Inspector against the host, by its two programs: `mcp-inspector --cli`, which connects for one request, and `mcpdo`,
// which keeps a connection and can be asked things.
//
//   node inspector.mjs <legacy|modern|auto> <stdio|http>

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { REVISIONS, run, stdio, url } from "./checks.mjs";

const [era, transport] = process.argv.slice(2);
const bin = join(process.env.CLIENTS, "node_modules/.bin");
const ROOT = "file:///a/folder";
const NAME = "portcullis";
// More than a machine that is merely busy needs.
const DAEMON_STARTS_MAX = 5;

// Its files are in a folder of their own, with a short path: among them is a socket of the process that keeps the connection.
const home = mkdtempSync(join(tmpdir(), "inspector-"));
const config = join(home, "mcp.json");
const [command, ...args] = stdio();
const server = transport === "http" ? { type: "streamable-http", url: url() } : { type: "stdio", command, args };
writeFileSync(config, JSON.stringify({ mcpServers: { [NAME]: { ...server, protocolEra: era } } }));
const env = {
  ...process.env,
  HOME: home,
  PATH: `${bin}:${process.env.PATH}`,
  MCP_INSPECTOR_SECRET_STORE: "file",
  // Not the connections of whoever runs this.
  MCP_INSPECTOR_DAEMON_DIR: home,
  MCP_INSPECTOR_DAEMON_TOKEN: "of-this-run",
};

function start(program, args) {
  const child = spawn(join(bin, program), args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const said = { child, stdout: "", stderr: "", onstdout: () => {} };
  child.stdout.on("data", (piece) => {
    said.stdout += piece;
    said.onstdout();
  });
  child.stderr.on("data", (piece) => (said.stderr += piece));
  said.end = new Promise((resolve) => child.on("close", resolve));
  // Waits until it has said this; a connection that is kept never ends by itself.
  said.until = (words) =>
    new Promise((resolve, reject) => {
      said.onstdout = () => said.stdout.includes(words) && resolve();
      said.onstdout();
      said.end.then(() => reject(new Error(`it ended without \`${words}\`: ${said.stdout}${said.stderr}`)));
    });
  return said;
}

// One request of `mcp-inspector --cli`: its result, or its error, which comes with the exit code that says so.
async function once(method, options = [], code = 0) {
  const said = start("mcp-inspector", [
    "--cli", "--quiet", "--format", "json", "--config", config, "--server", NAME, "--method", method, ...options,
  ]);
  assert.equal(await said.end, code, `${method}: ${said.stdout}${said.stderr}`);
  return JSON.parse(said.stdout.trim() || said.stderr.trim().split("\n").at(-1));
}

// One command of `mcpdo` on the connection.
async function mcpdo(...command) {
  const said = start("mcpdo", ["--format", "json", "--connection", NAME, ...command]);
  assert.equal(await said.end, 0, `${command.join(" ")}: ${said.stdout}${said.stderr}`);
  return said.stdout.trim().startsWith("{") ? JSON.parse(said.stdout) : said.stdout;
}

const follow = (...command) => start("mcpdo", ["--format", "json", "--connection", NAME, ...command]);

// Opens the connection that the next commands use. The process that keeps it may start too slowly for the first command on a
// busy machine, which then says so; the next one finds it.
async function connect() {
  for (let attempt = 1; ; attempt += 1) {
    const said = start("mcpdo", ["--format", "json", "connect", "--config", config, NAME]);
    if ((await said.end) === 0) return;
    const isLate = said.stderr.includes("daemon_start_timeout") && attempt < DAEMON_STARTS_MAX;
    assert.ok(isLate, `${said.stdout}${said.stderr}`);
  }
}

const text = (result) => result.content.find((block) => block.type === "text").text;
const LOGS = era === "legacy" ? [] : ["--metadata", "io.modelcontextprotocol/logLevel=info"];

// Calls a tool that asks, and gives what it asked.
async function asked(ask) {
  const { elicitationPending } = await mcpdo("tools/call", "interrogates__interrogates", `ask:=${ask}`);
  assert.ok(elicitationPending, `${ask} asks for nothing`);
  return elicitationPending;
}

const respond = async ({ elicitationId }, ...response) => text(await mcpdo("elicitation/respond", elicitationId, ...response));

const checks = {
  async lists() {
    const { result } = await once("tools/list");
    const names = result.tools.map((tool) => tool.name);
    for (const name of ["echo__echo", "every_content__every_content", "interrogates__interrogates"]) {
      assert.ok(names.includes(name), `${name} is not in ${names}`);
    }
    const { resources } = (await once("resources/list")).result;
    assert.deepEqual(resources.map((it) => it.uri).sort(), ["echo://hello", "interrogates://visitor", "notifies://mine"]);
    const { resourceTemplates } = (await once("resources/templates/list")).result;
    assert.deepEqual(resourceTemplates.map((it) => it.uriTemplate), ["echo://say/{word}"]);
    const { prompts } = (await once("prompts/list")).result;
    assert.deepEqual(prompts.map((it) => it.name).sort(), ["echo__greet", "interrogates__dedicate"]);
    await connect();
    const shown = await mcpdo("connections/show");
    assert.equal(shown.protocolVersion, REVISIONS[era]);
    assert.equal(shown.serverInfo.name, "portcullis");
  },

  async call() {
    const { result } = await once("tools/call", ["--tool-name", "echo__echo", "--tool-arg", "text=hello"]);
    assert.equal(text(result), "hello");
    assert.equal(text(await mcpdo("tools/call", "echo__echo", "text:=hello")), "hello");
  },

  async structured() {
    const { result } = await once("tools/call", ["--tool-name", "every_content__every_content"]);
    assert.deepEqual(result.structuredContent, { n: 5 });
    const kinds = result.content.map((block) => block.type);
    assert.deepEqual(kinds, ["text", "image", "audio", "resource_link", "resource", "resource"]);
  },

  async errors() {
    // Five is its exit code for a tool that says no, and for one that is not there.
    const refused = await once("tools/call", ["--tool-name", "refuses__refuse"], 5);
    assert.ok(text(refused.result).includes("no; try"), JSON.stringify(refused));
    const wrong = await once("tools/call", ["--tool-name", "echo__echo", "--tool-args-json", '{"text":5}'], 5);
    assert.ok(text(wrong.result).includes("/text"), JSON.stringify(wrong));
    const unknown = await once("tools/call", ["--tool-name", "echo__nothing"], 5);
    assert.equal(unknown.error.code, "tool_not_found");
    const nowhere = await once("resources/read", ["--uri", "nobody://here"], 1);
    assert.ok(nowhere.error.message.includes("there is no resource"), JSON.stringify(nowhere));
  },

  async resources() {
    const { result } = await once("resources/read", ["--uri", "echo://say/cheese"]);
    assert.equal(result.contents[0].text, "cheese");
    const { elicitationPending } = await mcpdo("resources/read", "interrogates://visitor");
    const read = await mcpdo("elicitation/respond", elicitationPending.elicitationId, "name:=Ada");
    assert.equal(read.contents[0].text, 'name: accepted {"name":"Ada"}');
  },

  async prompts() {
    const { result } = await once("prompts/get", ["--prompt-name", "echo__greet", "--prompt-args", "name=Ada"]);
    assert.equal(result.messages[0].content.text, "Hello Ada");
  },

  async completion() {
    const ref = ["--complete-ref-type", "ref/prompt", "--complete-ref", "echo__greet"];
    const { values } = await mcpdo("prompts/complete", ...ref, "--complete-arg-name", "name", "--complete-arg-value", "A");
    assert.deepEqual(values, ["Ada", "Alan"]);
  },

  async progress() {
    return "Inspector 2.12.0 shows no progress on the command line";
  },

  async logs() {
    if (era === "legacy") await mcpdo("logging/setLevel", "info");
    const tail = follow("logging/tail");
    // It does not say when it listens, so it is told until it hears.
    const heard = tail.until("half done");
    let isHeard = false;
    heard.then(() => (isHeard = true));
    while (!isHeard) await mcpdo("tools/call", "progress__progress", ...LOGS);
    tail.child.kill();
  },

  async form() {
    const question = await asked("form");
    assert.equal(question.message, "What is your name?");
    assert.equal(await respond(question, "name:=Ada"), 'name: accepted {"name":"Ada"}');
  },

  async decline() {
    assert.equal(await respond(await asked("form"), "--decline"), "name: declined");
    assert.equal(await respond(await asked("form"), "--cancel"), "name: cancelled");
  },

  async page() {
    const question = await asked("page");
    assert.equal(question.url, "https://example.com/login");
    assert.ok((await respond(question, "--done")).startsWith("page: accepted"));
  },

  async sampling() {
    return "Inspector 2.12.0 has no model on the command line, and says so to the server";
  },

  async roots() {
    await mcpdo("roots/set", "--roots-json", JSON.stringify([{ uri: ROOT }]));
    assert.equal(text(await mcpdo("tools/call", "interrogates__interrogates", "ask:=folders")), `folders: folders ${ROOT}`);
  },

  async cancel() {
    const tail = follow("logging/tail");
    const begun = tail.until('"begun"');
    // The line that one call logs is enough to know that the tail is there.
    let isThere = false;
    begun.then(() => (isThere = true));
    while (!isThere) await mcpdo("tools/call", "progress__progress", ...LOGS);
    tail.stdout = "";
    const begunAgain = tail.until('"begun"');
    const work = follow("tools/call", "cancel_aware__cancel_aware", ...LOGS);
    await begunAgain;
    work.child.kill("SIGINT");
    await work.end;
    assert.equal(work.stdout, "", "the cancelled call was answered");
    // This plugin runs one call at a time, so the answer shows that the cancelled one is gone.
    assert.equal(text(await mcpdo("tools/call", "cancel_aware__ping")), "pong");
    tail.child.kill();
  },

  async "lists-change"() {
    for (const [tool, isThere] of [["grow", true], ["shrink", false]]) {
      await mcpdo("tools/call", `grows__${tool}`);
      // It keeps the list, and has it anew when it is told; nothing says when that is.
      let names;
      do names = (await mcpdo("tools/list")).tools.map((tool) => tool.name);
      while (names.includes("grows__leaf") !== isThere);
    }
  },

  async "resource-changes"() {
    const subscription = follow("resources/subscribe", "notifies://mine");
    await subscription.until("subscribed");
    await mcpdo("tools/call", "notifies__notifies");
    await subscription.until("resources/updated");
    subscription.child.kill();
  },
};

try {
  await run(checks);
} finally {
  await start("mcpdo", ["daemon", "stop"]).end;
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
process.exit();
