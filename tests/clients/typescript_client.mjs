// The official TypeScript client against the host: one connection, every check.
//
//   node typescript_client.mjs <legacy|modern|auto> <stdio|http>

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

import { Events, REVISIONS, run, stdio, url } from "./checks.mjs";

// The client is installed under `target`, where an import from here does not find it.
const installed = createRequire(`${process.env.CLIENTS}/package.json`);
const load = (name) => import(pathToFileURL(installed.resolve(name)));
const { Client, ResourceNotFoundError, StreamableHTTPClientTransport } = await load("@modelcontextprotocol/client");
const { StdioClientTransport } = await load("@modelcontextprotocol/client/stdio");

const [era, transport] = process.argv.slice(2);
const isLegacy = era === "legacy";

const ROOT = "file:///a/folder";
const SAMPLED = "the words of a model";
const LOG_LEVEL = "io.modelcontextprotocol/logLevel";

// What the user does with the next form, and what was asked.
let action = "accept";
const asked = [];
const logged = new Events();
const toolsChanged = new Events();
const updated = new Events();

const mode = era === "modern" ? { pin: REVISIONS.modern } : era;
const client = new Client(
  { name: "portcullis-tests", version: "1" },
  {
    versionNegotiation: { mode },
    capabilities: { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} },
  },
);
client.setRequestHandler("elicitation/create", ({ params }) => {
  asked.push(params);
  const isForm = params.mode !== "url" && action === "accept";
  return isForm ? { action, content: { name: "Ada" } } : { action };
});
client.setRequestHandler("sampling/createMessage", ({ params }) => {
  asked.push(params);
  return { role: "assistant", model: "none", content: { type: "text", text: SAMPLED } };
});
client.setRequestHandler("roots/list", () => ({ roots: [{ uri: ROOT }] }));
client.setNotificationHandler("notifications/message", ({ params }) => logged.put(params));
client.setNotificationHandler("notifications/tools/list_changed", () => toolsChanged.put("tools"));
client.setNotificationHandler("notifications/resources/updated", ({ params }) => updated.put(params.uri));

const text = (result) => result.content.find((block) => block.type === "text").text;
const call = (name, args = {}, options) => client.callTool({ name, arguments: args }, options);

async function interrogate(ask) {
  const result = await call("interrogates__interrogates", { ask });
  assert.ok(!result.isError, JSON.stringify(result));
  return text(result);
}

// What the server sends while `talk` lasts, beside what the client makes of it.
async function overheard(talk) {
  const { transport } = client;
  const { onmessage } = transport;
  const messages = [];
  transport.onmessage = (message, extra) => {
    messages.push(message);
    return onmessage.call(transport, message, extra);
  };
  const result = await talk();
  transport.onmessage = onmessage;
  return { result, messages };
}

async function toolNames() {
  const { tools } = await client.listTools();
  return tools.map((tool) => tool.name);
}

const checks = {
  async lists() {
    assert.equal(client.getNegotiatedProtocolVersion(), REVISIONS[era]);
    assert.equal(client.getServerVersion()?.name, "portcullis");
    const names = await toolNames();
    for (const name of ["echo__echo", "every_content__every_content", "interrogates__interrogates"]) {
      assert.ok(names.includes(name), `${name} is not in ${names}`);
    }
    const { resources } = await client.listResources();
    assert.deepEqual(resources.map((it) => it.uri).sort(), ["echo://hello", "interrogates://visitor", "notifies://mine"]);
    const { resourceTemplates } = await client.listResourceTemplates();
    assert.deepEqual(resourceTemplates.map((it) => it.uriTemplate), ["echo://say/{word}"]);
    const { prompts } = await client.listPrompts();
    assert.deepEqual(prompts.map((it) => it.name).sort(), ["echo__greet", "interrogates__dedicate"]);
  },

  async call() {
    assert.equal(text(await call("echo__echo", { text: "hello" })), "hello");
    const words = [...Array(30).keys()].map(String);
    const several = await Promise.all(words.map((word) => call("echo__echo", { text: word })));
    assert.deepEqual(several.map(text), words);
  },

  async structured() {
    // The client checks it against the tool's output schema.
    const result = await call("every_content__every_content");
    assert.deepEqual(result.structuredContent, { n: 5 });
    const kinds = result.content.map((block) => block.type);
    assert.deepEqual(kinds, ["text", "image", "audio", "resource_link", "resource", "resource"]);
  },

  async errors() {
    const refused = await call("refuses__refuse");
    assert.ok(refused.isError && text(refused).includes("no; try"), JSON.stringify(refused));
    const wrong = await call("echo__echo", { text: 5 });
    assert.ok(wrong.isError && text(wrong).includes("/text"), JSON.stringify(wrong));
    const code = (code) => (error) => error.code === code;
    await assert.rejects(call("echo__nothing"), code(-32602));
    // The client makes one class of both eras' codes.
    await assert.rejects(client.readResource({ uri: "nobody://here" }), ResourceNotFoundError);
    await assert.rejects(client.getPrompt({ name: "nobody__here" }), code(-32602));
  },

  async resources() {
    const read = async (uri) => (await client.readResource({ uri })).contents[0].text;
    assert.equal(await read("echo://hello"), "hello");
    assert.equal(await read("echo://say/cheese"), "cheese");
    assert.equal(await read("interrogates://visitor"), 'name: accepted {"name":"Ada"}');
  },

  async prompts() {
    const get = async (name, args) => (await client.getPrompt({ name, arguments: args })).messages[0].content.text;
    assert.equal(await get("echo__greet", { name: "Ada" }), "Hello Ada");
    assert.equal(await get("interrogates__dedicate", {}), 'name: accepted {"name":"Ada"}');
  },

  async completion() {
    const { completion } = await client.complete({
      ref: { type: "ref/prompt", name: "echo__greet" },
      argument: { name: "name", value: "A" },
    });
    assert.deepEqual(completion.values, ["Ada", "Alan"]);
  },

  async progress() {
    const reports = [];
    const onprogress = ({ progress, total, message }) => reports.push([progress, total, message]);
    const { result, messages } = await overheard(() => call("progress__progress", {}, { onprogress }));
    assert.equal(text(result), "done");
    const all = [[0, 100, "begun"], [50, 100, "half done"], [100, 100, "done"]];
    const sent = messages.map(({ params, result }) => (result ? "answer" : [params.progress, params.total, params.message]));
    assert.deepEqual(sent, [...all, "answer"]);
    // Client 2.4.0 handles a notification one step later than a response, and drops the reports that arrive in one piece
    // with the answer. That it hears reports at all is seen in `cancel`, which waits for one.
    assert.deepEqual(reports, all.slice(0, reports.length));
  },

  async logs() {
    if (isLegacy) await client.setLoggingLevel("info");
    logged.clear();
    const _meta = isLegacy ? {} : { [LOG_LEVEL]: "info" };
    await client.callTool({ name: "progress__progress", arguments: {}, _meta });
    for (const message of ["begun", "half done", "done"]) {
      const line = await logged.next();
      assert.equal(line.level, "info");
      assert.ok(JSON.stringify(line.data).includes(message), JSON.stringify(line));
    }
  },

  async form() {
    assert.equal(await interrogate("form"), 'name: accepted {"name":"Ada"}');
    assert.equal(asked.at(-1).message, "What is your name?");
    // Two questions of one round.
    assert.equal(await interrogate("two"), `name: accepted {"name":"Ada"}; folders: folders ${ROOT}`);
  },

  async decline() {
    for (const [act, said] of [["decline", "declined"], ["cancel", "cancelled"], ["accept", 'accepted {"name":"Ada"}']]) {
      action = act;
      assert.equal(await interrogate("form"), `name: ${said}`);
    }
  },

  async page() {
    assert.ok((await interrogate("page")).startsWith("page: accepted"));
    assert.equal(asked.at(-1).url, "https://example.com/login");
  },

  async sampling() {
    assert.equal(await interrogate("model"), `words: sampled "${SAMPLED}"`);
  },

  async roots() {
    assert.equal(await interrogate("folders"), `folders: folders ${ROOT}`);
  },

  async cancel() {
    const aborting = new AbortController();
    const onprogress = () => aborting.abort("nobody waits for it any more");
    const { messages } = await overheard(async () => {
      const work = call("cancel_aware__cancel_aware", {}, { onprogress, signal: aborting.signal });
      await assert.rejects(work, /nobody waits/);
      // This plugin runs one call at a time, so the answer shows that the cancelled one is gone.
      assert.equal(text(await call("cancel_aware__ping")), "pong");
    });
    const answers = messages.filter((message) => "id" in message);
    assert.equal(answers.length, 1, `the cancelled call was answered: ${JSON.stringify(answers)}`);
  },

  async "lists-change"() {
    const subscription = isLegacy ? undefined : await client.listen({ toolsListChanged: true });
    for (const [tool, isThere] of [["grow", true], ["shrink", false]]) {
      await call(`grows__${tool}`);
      await toolsChanged.next();
      const names = await toolNames();
      assert.equal(names.includes("grows__leaf"), isThere, names.join());
      if (isThere) assert.equal(text(await call("grows__leaf")), "rustles");
    }
    await subscription?.close();
  },

  async "resource-changes"() {
    const uri = "notifies://mine";
    const subscription = isLegacy ? undefined : await client.listen({ resourceSubscriptions: [uri] });
    if (isLegacy) await client.subscribeResource({ uri });
    await call("notifies__notifies");
    await updated.next((updated) => updated === uri);
    if (isLegacy) await client.unsubscribeResource({ uri });
    await subscription?.close();
  },
};

const [command, ...args] = stdio();
await client.connect(
  transport === "http" ? new StreamableHTTPClientTransport(new URL(url())) : new StdioClientTransport({ command, args }),
);
await run(checks);
await client.close();
// Whatever a failed check still waits for does not keep the program.
process.exit();
