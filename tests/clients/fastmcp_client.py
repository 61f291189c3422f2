"""The client of fastmcp against the host: one connection, every check.

usage: fastmcp_client.py <legacy|modern|auto> <stdio|http>
"""

import asyncio
import sys

import mcp_types as types
from fastmcp import Client
from fastmcp.client.elicitation import ElicitResult
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport
from fastmcp.exceptions import ToolError
from mcp import MCPError

import checks
from checks import REVISIONS, ROOT, SAMPLED, eventually, text

NO_LISTEN = "fastmcp 4.1.2 has no call for `subscriptions/listen`"
NO_SUBSCRIBE = "fastmcp 4.1.2 has no call for `resources/subscribe`"


class Checks:
    """The checks, and what the client was asked and told on the way."""

    def __init__(self, transport, era):
        self.era = era
        # What the user does with the next form.
        self.action = "accept"
        self.asked = []
        self.logged = asyncio.Queue()
        self.told = asyncio.Queue()
        self.client = Client(
            transport,
            mode=era if era != "modern" else REVISIONS[era],
            elicitation_handler=self.elicit,
            sampling_handler=self.sample,
            roots=[ROOT],
            log_handler=self.logged.put,
            message_handler=self.told.put,
        )

    @property
    def is_legacy(self):
        return self.era == "legacy"

    async def elicit(self, _message, form, params, _context):
        self.asked.append(params)
        if self.action != "accept":
            return ElicitResult(action=self.action)
        # fastmcp makes a class of the form's schema, and nothing of a page.
        return form(name="Ada") if form else ElicitResult(action="accept")

    async def sample(self, messages, params, _context):
        self.asked.append(params)
        assert messages[0].content.text == "hi", messages
        return SAMPLED

    async def interrogate(self, ask):
        return text(await self.client.call_tool("interrogates__interrogates", {"ask": ask}))

    async def lists(self):
        assert self.client.protocol_version == REVISIONS[self.era], self.client.protocol_version
        names = [tool.name for tool in await self.client.list_tools()]
        assert {"echo__echo", "every_content__every_content", "interrogates__interrogates"} <= set(names), names
        resources = {str(resource.uri) for resource in await self.client.list_resources()}
        assert {"echo://hello", "notifies://mine"} <= resources, resources
        templates = await self.client.list_resource_templates()
        assert [template.uri_template for template in templates] == ["echo://say/{word}"], templates
        prompts = {prompt.name for prompt in await self.client.list_prompts()}
        assert prompts == {"echo__greet", "interrogates__dedicate"}, prompts

    async def call(self):
        assert text(await self.client.call_tool("echo__echo", {"text": "hello"})) == "hello"
        several = (self.client.call_tool("echo__echo", {"text": str(n)}) for n in range(30))
        assert [text(result) for result in await asyncio.gather(*several)] == [str(n) for n in range(30)]

    async def structured(self):
        result = await self.client.call_tool("every_content__every_content", {})
        assert result.structured_content == {"n": 5}, result
        # fastmcp makes a class of the tool's output schema.
        assert result.data.n == 5, result
        kinds = [block.type for block in result.content]
        assert kinds == ["text", "image", "audio", "resource_link", "resource", "resource"], kinds

    async def errors(self):
        for tool, arguments, said in (("refuses__refuse", {}, "no; try"), ("echo__echo", {"text": 5}, "/text")):
            try:
                await self.client.call_tool(tool, arguments)
                raise AssertionError("a no was a yes")
            except ToolError as error:
                assert said in str(error), error
        for asked, code in (
            (self.client.call_tool("echo__nothing", {}), -32602),
            (self.client.read_resource("nobody://here"), -32002 if self.is_legacy else -32602),
            (self.client.get_prompt("nobody__here"), -32602),
        ):
            try:
                await asked
                raise AssertionError("what is not there was had")
            except MCPError as error:
                assert error.code == code, error

    async def resources(self):
        assert (await self.client.read_resource("echo://hello"))[0].text == "hello"
        assert (await self.client.read_resource("echo://say/cheese"))[0].text == "cheese"
        asked = await self.client.read_resource("interrogates://visitor")
        assert asked[0].text == 'name: accepted {"name":"Ada"}', asked

    async def prompts(self):
        greeting = await self.client.get_prompt("echo__greet", {"name": "Ada"})
        assert greeting.messages[0].content.text == "Hello Ada", greeting
        asked = await self.client.get_prompt("interrogates__dedicate")
        assert asked.messages[0].content.text == 'name: accepted {"name":"Ada"}', asked

    async def completion(self):
        prompt = types.PromptReference(type="ref/prompt", name="echo__greet")
        completed = await self.client.complete(prompt, {"name": "name", "value": "A"})
        assert completed.values == ["Ada", "Alan"], completed

    async def progress(self):
        reports = []

        async def report(done, total, message):
            reports.append((done, total, message))

        result = await self.client.call_tool("progress__progress", {}, progress_handler=report)
        assert text(result) == "done"
        assert reports == [(0, 100, "begun"), (50, 100, "half done"), (100, 100, "done")], reports

    async def logs(self):
        if self.is_legacy:
            await self.client.set_logging_level("info")
        while not self.logged.empty():
            self.logged.get_nowait()
        await self.client.call_tool("progress__progress", {})
        lines = [await self.logged.get() for _ in range(3)]
        assert [line.level for line in lines] == ["info"] * 3, lines
        assert "half done" in str(lines[1].data), lines

    async def form(self):
        assert await self.interrogate("form") == 'name: accepted {"name":"Ada"}'
        assert self.asked[-1].message == "What is your name?", self.asked
        # Two questions of one round.
        assert await self.interrogate("two") == f'name: accepted {{"name":"Ada"}}; folders: folders {ROOT}'

    async def decline(self):
        for self.action, said in (("decline", "declined"), ("cancel", "cancelled"), ("accept", 'accepted {"name":"Ada"}')):
            assert await self.interrogate("form") == f"name: {said}"

    async def page(self):
        assert (await self.interrogate("page")).startswith("page: accepted")
        assert self.asked[-1].url == "https://example.com/login", self.asked

    async def sampling(self):
        assert await self.interrogate("model") == f'words: sampled "{SAMPLED}"'

    async def roots(self):
        assert await self.interrogate("folders") == f"folders: folders {ROOT}"

    async def cancel(self):
        begun = asyncio.Event()

        async def report(*_report):
            begun.set()

        work = self.client.call_tool("cancel_aware__cancel_aware", {}, progress_handler=report)
        working = asyncio.create_task(work)
        await begun.wait()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        assert working.cancelled(), working
        # This plugin runs one call at a time, so the answer shows that the cancelled one is gone.
        assert text(await self.client.call_tool("cancel_aware__ping", {})) == "pong"

    async def lists_change(self):
        if not self.is_legacy:
            return NO_LISTEN
        for tool, is_there in (("grow", True), ("shrink", False)):
            await self.client.call_tool(f"grows__{tool}", {})
            await eventually(self.told, lambda told: isinstance(told, types.ToolListChangedNotification))
            names = [tool.name for tool in await self.client.list_tools()]
            assert ("grows__leaf" in names) == is_there, names
            if is_there:
                assert text(await self.client.call_tool("grows__leaf", {})) == "rustles"

    async def resource_changes(self):
        return NO_SUBSCRIBE if self.is_legacy else NO_LISTEN


async def main(era, transport):
    command, *args = checks.stdio()
    # A server that outlives its connection would outlive this program.
    over_stdio = StdioTransport(command, args, keep_alive=False)
    everything = Checks(StreamableHttpTransport(checks.url()) if transport == "http" else over_stdio, era)
    async with everything.client:
        await checks.run(everything)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
