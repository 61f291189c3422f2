"""Asks the plugin `words` the same things in Rust, Python and JavaScript, and fails where an answer differs.

usage: compare.py <portcullis>

Three ways lead to each plugin: the command line, JSON-RPC written and read here as bytes, in both eras, and the official
Python client, which answers the plugin's questions.
"""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

from mcp import Client, StdioServerParameters
from mcp_types import ElicitResult

LANGUAGES = ["rust", "python", "javascript"]
HERE = Path("target/polyglot").resolve()

# What a page of one plugin shows, apart from what is different by nature.
CONFIGURATION = """
[host]
shipped = false
[plugins.words]
path = "{folder}"
[plugins.words.config]
ignored = ["a", "the"]
"""

LEGACY = "2025-11-25"
MODERN = "2026-07-28"

TEXTS = [
    "",
    " \t\n",
    "The cat and a dog saw the Cat",
    "Straße STRASSE äpfel ÄPFEL",
    "e\u0301 \U0001f1e8\U0001f1ed \U0001d518\U0001d51f one\u00a0word \"quoted\" back\\slash",
    "word " * 20_000,
]


def requests():
    """What every plugin is asked: method and parameters."""
    for text in TEXTS:
        yield "tools/call", {"name": "words__count_words", "arguments": {"text": text}}
    yield "tools/call", {"name": "words__count_words", "arguments": {"text": "of mice and men", "at_least": 3}}
    yield "tools/call", {"name": "words__count_words", "arguments": {"text": "x", "at_least": 0}}
    yield "tools/call", {"name": "words__count_words", "arguments": {}}
    yield "tools/call", {"name": "words__missing", "arguments": {}}
    yield "tools/call", {"name": "words__replace_word", "arguments": {"text": "a b", "word": "c"}}
    yield "resources/list", {}
    yield "resources/templates/list", {}
    yield "resources/read", {"uri": "words://ignored"}
    yield "resources/read", {"uri": "words://missing"}
    yield "prompts/list", {}
    yield "prompts/get", {"name": "words__rewrite", "arguments": {"text": "Hallo, Wörld"}}
    yield "prompts/get", {"name": "words__rewrite", "arguments": {"text": "x", "tone": "terse"}}
    yield "prompts/get", {"name": "words__rewrite", "arguments": {"text": "x", "tone": "loud"}}
    yield "prompts/get", {"name": "words__rewrite", "arguments": {"text": "x", "other": "y"}}
    yield "prompts/get", {"name": "words__rewrite", "arguments": {}}
    for value in ["", "f", "fr", "x"]:
        reference = {"type": "ref/prompt", "name": "words__rewrite"}
        yield "completion/complete", {"ref": reference, "argument": {"name": "tone", "value": value}}
    reference = {"type": "ref/prompt", "name": "words__rewrite"}
    yield "completion/complete", {"ref": reference, "argument": {"name": "text", "value": ""}}


# What the person says to each question in turn, and what the tool says in the end.
CONVERSATIONS = [
    ("one two", "two", [{"replacement": "2"}], "one 2"),
    ("a b a", "a", [{"replacement": "é🇨🇭"}, {"all": True}], "é🇨🇭 b é🇨🇭"),
    ("a b a", "a", [{"replacement": "x"}, {"all": False}], "nothing was replaced"),
    ("a b a", "a", [{"replacement": "x"}, None], "nothing was replaced"),
    ("one two", "two", [None], "nothing was replaced"),
]


class Raw:
    """A client that writes and reads lines. What it read is kept as bytes."""

    def __init__(self, program, environment, configuration, era):
        command = [program, "--config", configuration, "serve"]
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.era = era
        self.n_requests = 0
        self.notices = []
        capabilities = {"elicitation": {"form": {}}}
        client = {"name": "compare", "version": "1"}
        self.meta = {}
        if era == MODERN:
            self.meta = {
                "io.modelcontextprotocol/protocolVersion": era,
                "io.modelcontextprotocol/clientInfo": client,
                "io.modelcontextprotocol/clientCapabilities": capabilities,
                "io.modelcontextprotocol/logLevel": "debug",
            }
        else:
            opening = {"protocolVersion": era, "capabilities": capabilities, "clientInfo": client}
            self.ask("initialize", opening)
            self.send({"method": "notifications/initialized"})
            self.ask("logging/setLevel", {"level": "debug"})

    def send(self, message):
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self.process.stdin.flush()

    def ask(self, method, params, says=()):
        """The answer to a request, as it was on the wire. The host's questions are answered with what is given."""
        says = iter(says)
        self.n_requests += 1
        number = self.n_requests
        meta = {**self.meta, "progressToken": number}
        self.send({"id": number, "method": method, "params": {**params, "_meta": meta}})
        while line := self.process.stdout.readline():
            message = json.loads(line)
            if "method" not in message:
                assert message["id"] == number, message
                return line
            if "id" in message:
                self.notices.append(json.dumps(message["params"]))
                self.send({"id": message["id"], "result": response(next(says))})
            else:
                self.notices.append(line.decode())
        raise AssertionError(f"the program ended before it answered {method} {params}")

    def close(self):
        """Ends the program. Gives what was told on the side: the order of two kinds of notice is nobody's promise."""
        self.process.stdin.close()
        self.notices += [line.decode() for line in self.process.stdout]
        assert self.process.wait(timeout=30) == 0
        return sorted(self.notices)


def response(says):
    return {"action": "decline"} if says is None else {"action": "accept", "content": says}


def without_state(line):
    """An answer without the state that goes with its questions, which the host seals anew each time."""
    message = json.loads(line)
    message["result"].pop("requestState", None)
    return json.dumps(message, ensure_ascii=False)


def raw_answers(program, environment, configuration, era):
    """Every answer to every request and in every conversation, and the notices."""
    client = Raw(program, environment, configuration, era)
    # Clients are answered within seconds, whatever is still being compiled; so the components were compiled before.
    said = [client.ask("tools/list", {})]
    assert b"words__count_words" in said[0], said[0]
    said += [client.ask(method, params) for method, params in requests()]
    for text, word, says, outcome in CONVERSATIONS:
        params = {"name": "words__replace_word", "arguments": {"text": text, "word": word}}
        if era == LEGACY:
            line = client.ask("tools/call", params, says)
        else:
            line = client.ask("tools/call", params)
            for words in says:
                said.append(without_state(line))
                asked = json.loads(line)["result"]
                assert asked["resultType"] == "input_required", asked
                responses = {key: response(words) for key in asked["inputRequests"]}
                more = {"inputResponses": responses}
                if "requestState" in asked:
                    more["requestState"] = asked["requestState"]
                line = client.ask("tools/call", {**params, **more})
        result = json.loads(line)["result"]
        assert result["content"][0]["text"] == outcome, result
        said.append(line)
    notices = client.close()
    assert any("counted" in notice for notice in notices), "lines of the log reach the client"
    assert any("splitting" in notice for notice in notices), "progress reaches the client"
    return said + notices


def command_line_answers(program, environment, configuration):
    """What `list` and `call` print."""
    def run(*arguments):
        command = [program, "--config", configuration, *arguments]
        ended = subprocess.run(command, env=environment, capture_output=True, timeout=300)
        return ended.returncode, ended.stdout

    code, listed = run("list", "--json")
    listed = json.loads(listed)
    [plugin] = listed["plugins"]
    assert code == 0 and plugin["state"] == "active", plugin
    for different in ["digest", "origin", "usage"]:
        del plugin[different]
    answers = [json.dumps(listed)]
    for text in TEXTS[:-1]:
        answers.append(run("call", "--json", "words__count_words", json.dumps({"text": text})))
    return answers


async def client_answers(program, environment, configuration, mode):
    """What the official client makes of a conversation."""
    answers = []
    server = StdioServerParameters(command=program, args=["--config", configuration, "serve"], env=environment)
    for text, word, says, outcome in CONVERSATIONS:
        pending = iter(says)
        asked = []

        async def answer(_context, params):
            asked.append(params.message)
            return ElicitResult(**response(next(pending)))

        async with Client(server, mode=mode, elicitation_callback=answer) as client:
            result = await client.call_tool("words__replace_word", {"text": text, "word": word})
        assert result.content[0].text == outcome, result
        answers.append((asked, result.model_dump_json()))
    return answers


def main(program):
    environment = dict(os.environ, XDG_CACHE_HOME=str(HERE / "cache"))
    said = {}
    for language in LANGUAGES:
        folder = HERE / language
        configuration = folder / "portcullis.toml"
        configuration.write_text(CONFIGURATION.format(folder=folder))
        arguments = (program, environment, str(configuration))
        answers = command_line_answers(*arguments)
        for era in [LEGACY, MODERN]:
            answers += raw_answers(*arguments, era)
        for mode in ["legacy", MODERN]:
            answers += asyncio.run(client_answers(*arguments, mode))
        said[language] = answers
        print(f"{language}: {len(answers)} answers")
    expected = said[LANGUAGES[0]]
    different = 0
    for language in LANGUAGES[1:]:
        assert len(said[language]) == len(expected)
        for ours, theirs in zip(expected, said[language]):
            if ours != theirs:
                different += 1
                print(f"different:\n  {LANGUAGES[0]}: {ours}\n  {language}: {theirs}", file=sys.stderr)
    if different:
        sys.exit(f"{different} answers differ")
    print(f"ok: the same in {', '.join(LANGUAGES)}")


if __name__ == "__main__":
    main(sys.argv[1])
