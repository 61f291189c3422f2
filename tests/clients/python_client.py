"""The official Python client lists and calls everything the host ships, in one protocol era.

usage: python_client.py <portcullis> <legacy|auto|2026-07-28>
"""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

from mcp import Client, MCPError, StdioServerParameters
from mcp_types import PromptReference, ResourceTemplateReference

CACHE = Path("target/clients/cache")

SHIPPED = {"calculator", "text", "time", "fetch", "files", "notes"}

# The notebook may keep notes; nothing else is granted.
CONFIGURATION = """
[host]
state = "state"
[policy]
storage = ["key-value"]
[plugins.notes.grants]
storage = ["key-value"]
"""


def text(result):
    """The first text block of a tool's answer."""
    return next(block.text for block in result.content if block.type == "text")


async def everything(client, mode):
    """Lists and calls everything, and some things that are not there."""
    expected = "2025-11-25" if mode == "legacy" else "2026-07-28"
    assert client.protocol_version == expected, client.protocol_version
    # A client that pins the modern revision asks nobody who they are.
    assert mode == expected or client.server_info.name == "portcullis"

    tools = (await client.list_tools()).tools
    names = [tool.name for tool in tools]
    assert {name.split("__")[0] for name in names} == SHIPPED, names
    assert len(names) == len(set(names)), "a name stands twice"
    for tool in tools:
        assert tool.description, f"{tool.name} has no description"
        assert tool.input_schema["type"] == "object"

    result = await client.call_tool("calculator__add", {"a": 0.1, "b": 0.2})
    assert not result.is_error and text(result) == "0.3", result

    result = await client.call_tool("calculator__divide", {"a": 1, "b": 0})
    assert result.is_error, "division by zero is an answer"

    result = await client.call_tool("calculator__add", {"a": "two", "wrong": True})
    assert result.is_error and "wrong" in text(result), "arguments are checked, and the answer says what is wrong"

    result = await client.call_tool("text__sha256", {"input": "abc"})
    assert "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" in text(result), result

    result = await client.call_tool("time__current_time", {"zone": "Europe/Zurich"})
    assert not result.is_error, result

    result = await client.call_tool("notes__create", {"title": "Kept", "tags": ["test"]})
    assert not result.is_error, result
    result = await client.call_tool("fetch__fetch", {"url": "https://example.com/"})
    assert result.is_error and "not given leave" in text(result), "nothing is sent without a grant"

    try:
        await client.call_tool("calculator__add_up", {})
        raise AssertionError("an unknown tool was called")
    except MCPError as error:
        assert error.code == -32602, error

    resources = (await client.list_resources()).resources
    uris = {str(resource.uri) for resource in resources}
    assert {"time://current", "time://zones"} <= uris, uris
    for uri in sorted(uris):
        contents = (await client.read_resource(uri)).contents
        assert contents and contents[0].text, uri
    zones = json.loads((await client.read_resource("time://zones")).contents[0].text)
    assert "Europe/Zurich" in json.dumps(zones)

    templates = (await client.list_resource_templates()).resource_templates
    assert templates, "there is a template"
    contents = (await client.read_resource("time://zones/Europe/Zurich")).contents
    assert "Zurich" in contents[0].text
    try:
        await client.read_resource("nobody://here")
        raise AssertionError("an unknown resource was read")
    except MCPError as error:
        assert error.code in (-32002, -32602), error

    prompts = (await client.list_prompts()).prompts
    assert prompts, "there is a prompt"
    for prompt in prompts:
        assert prompt.description
        needed = [argument.name for argument in prompt.arguments or [] if argument.required]
        arguments = dict.fromkeys(needed, "Europe/Zurich")
        messages = (await client.get_prompt(prompt.name, arguments)).messages
        assert messages and messages[0].content.text

    template = ResourceTemplateReference(type="ref/resource", uri=templates[0].uri_template)
    completion = (await client.complete(template, {"name": "zone", "value": "Europe/Zu"})).completion
    assert "Europe/Zurich" in completion.values, completion

    sums = await asyncio.gather(*(client.call_tool("calculator__add", {"a": n, "b": n}) for n in range(50)))
    assert [text(result) for result in sums] == [str(2 * n) for n in range(50)]
    print(f"ok: mode {mode}, revision {client.protocol_version}, {len(tools)} tools, {len(prompts)} prompts")


async def main(program, mode):
    CACHE.mkdir(parents=True, exist_ok=True)
    environment = dict(os.environ, XDG_CACHE_HOME=str(CACHE.resolve()))
    with tempfile.TemporaryDirectory() as home:
        configuration = Path(home) / "portcullis.toml"
        configuration.write_text(CONFIGURATION)
        arguments = ["--config", str(configuration), "serve"]
        server = StdioServerParameters(command=program, args=arguments, env=environment)
        async with Client(server, mode=mode) as client:
            await everything(client, mode)


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(main(sys.argv[1], sys.argv[2]), timeout=120))
