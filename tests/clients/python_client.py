"""The official Python client against the host: one connection, every check.

usage: python_client.py <legacy|modern|auto> <stdio|http>
"""

import asyncio
import sys

import mcp_types as types
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.subscriptions import ResourceUpdated, ToolsListChanged

import checks
from checks import REVISIONS, ROOT, SAMPLED, eventually, text


class Checks:
    """The checks, and what the client was asked and told on the way."""

    def __init__(self, server, era):
        self.era = era
        # What the user does with the next form.
        self.action = "accept"
        self.asked = []
        self.logged = asyncio.Queue()
        self.told = asyncio.Queue()
        self.client = Client(
            server,
            mode=era if era != "modern" else REVISIONS[era],
            elicitation_callback=self.elicit,
            sampling_callback=self.sample,
            list_roots_callback=self.folders,
            logging_callback=self.logged.put,
            message_handler=self.told.put,
            log_level="info",
        )

    @property
    def is_legacy(self):
        return self.era == "legacy"

    async def elicit(self, _context, params):
        self.asked.append(params)
        content = {"name": "Ada"} if params.mode == "form" and self.action == "accept" else None
        return types.ElicitResult(action=self.action, content=content)

    async def sample(self, _context, params):
        self.asked.append(params)
        content = types.TextContent(type="text", text=SAMPLED)
        return types.CreateMessageResult(role="assistant", model="none", content=content)

    async def folders(self, _context):
        return types.ListRootsResult(roots=[types.Root(uri=ROOT)])

    async def interrogate(self, ask):
        result = await self.client.call_tool("interrogates__interrogates", {"ask": ask})
        assert not result.is_error, result
        return text(result)

    async def lists(self):
        assert self.client.protocol_version == REVISIONS[self.era], self.client.protocol_version
        # A client that pins the modern revision asks nobody who they are.
        assert self.era == "modern" or self.client.server_info.name == "portcullis"
        tools = (await self.client.list_tools()).tools
        names = [tool.name for tool in tools]
        assert {"echo__echo", "every_content__every_content", "interrogates__interrogates"} <= set(names), names
        assert len(names) == len(set(names)), "a name stands twice"
        assert all(tool.input_schema["type"] == "object" for tool in tools)
        resources = {str(resource.uri) for resource in (await self.client.list_resources()).resources}
        assert {"echo://hello", "notifies://mine"} <= resources, resources
        templates = (await self.client.list_resource_templates()).resource_templates
        assert [template.uri_template for template in templates] == ["echo://say/{word}"], templates
        prompts = {prompt.name for prompt in (await self.client.list_prompts()).prompts}
        assert prompts == {"echo__greet", "interrogates__dedicate"}, prompts

    async def call(self):
        assert text(await self.client.call_tool("echo__echo", {"text": "hello"})) == "hello"
        several = (self.client.call_tool("echo__echo", {"text": str(n)}) for n in range(30))
        assert [text(result) for result in await asyncio.gather(*several)] == [str(n) for n in range(30)]

    async def structured(self):
        result = await self.client.call_tool("every_content__every_content", {})
        assert result.structured_content == {"n": 5}, result
        kinds = [block.type for block in result.content]
        assert kinds == ["text", "image", "audio", "resource_link", "resource", "resource"], kinds

    async def errors(self):
        refused = await self.client.call_tool("refuses__refuse", {})
        assert refused.is_error and "no; try" in text(refused), refused
        wrong = await self.client.call_tool("echo__echo", {"text": 5})
        assert wrong.is_error and "/text" in text(wrong), wrong
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
        assert (await self.client.read_resource("echo://hello")).contents[0].text == "hello"
        assert (await self.client.read_resource("echo://say/cheese")).contents[0].text == "cheese"
        asked = await self.client.read_resource("interrogates://visitor")
        assert asked.contents[0].text == 'name: accepted {"name":"Ada"}', asked

    async def prompts(self):
        greeting = await self.client.get_prompt("echo__greet", {"name": "Ada"})
        assert greeting.messages[0].content.text == "Hello Ada", greeting
        asked = await self.client.get_prompt("interrogates__dedicate")
        assert asked.messages[0].content.text == 'name: accepted {"name":"Ada"}', asked

    async def completion(self):
        prompt = types.PromptReference(type="ref/prompt", name="echo__greet")
        completed = (await self.client.complete(prompt, {"name": "name", "value": "A"})).completion
        assert completed.values == ["Ada", "Alan"], completed

    async def progress(self):
        reports = []

        async def report(done, total, message):
            reports.append((done, total, message))

        result = await self.client.call_tool("progress__progress", {}, progress_callback=report)
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

        work = self.client.call_tool("cancel_aware__cancel_aware", {}, progress_callback=report)
        working = asyncio.create_task(work)
        await begun.wait()
        working.cancel()
        assert await asyncio.gather(working, return_exceptions=True), "it was not cancelled"
        assert working.cancelled(), working
        # This plugin runs one call at a time, so the answer shows that the cancelled one is gone.
        assert text(await self.client.call_tool("cancel_aware__ping", {})) == "pong"

    async def lists_change(self):
        if self.is_legacy:
            await self.grow(self.told, lambda told: isinstance(told, types.ToolListChangedNotification))
            return
        async with self.client.listen(tools_list_changed=True) as subscription:
            events = asyncio.Queue()
            listening = asyncio.create_task(forward(subscription, events))
            await self.grow(events, lambda event: isinstance(event, ToolsListChanged))
            listening.cancel()

    async def grow(self, events, wanted):
        """A tool that was not there is there, is called, and goes away again, and the client is told each time."""
        for tool, is_there in (("grow", True), ("shrink", False)):
            await self.client.call_tool(f"grows__{tool}", {})
            await eventually(events, wanted)
            names = [tool.name for tool in (await self.client.list_tools()).tools]
            assert ("grows__leaf" in names) == is_there, names
            if is_there:
                assert text(await self.client.call_tool("grows__leaf", {})) == "rustles"

    async def resource_changes(self):
        uri = "notifies://mine"
        if self.is_legacy:
            await self.client.subscribe_resource(uri)
            await self.client.call_tool("notifies__notifies", {})
            await eventually(self.told, lambda told: is_update(told, uri))
            await self.client.unsubscribe_resource(uri)
            return
        async with self.client.listen(resource_subscriptions=[uri]) as subscription:
            await self.client.call_tool("notifies__notifies", {})
            assert await anext(subscription) == ResourceUpdated(uri=uri)


def is_update(told, uri):
    return isinstance(told, types.ResourceUpdatedNotification) and str(told.params.uri) == uri


async def forward(subscription, events):
    async for event in subscription:
        await events.put(event)


async def main(era, transport):
    command, *args = checks.stdio()
    server = checks.url() if transport == "http" else StdioServerParameters(command=command, args=args)
    everything = Checks(server, era)
    async with everything.client:
        await checks.run(everything)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
