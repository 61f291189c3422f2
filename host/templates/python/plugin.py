"""{{description}}.

Each interface that world.wit exports is a class of its name, and each record a dataclass whose fields are all given; what
is optional may be `None`. To fail, raise `Err` with one of the contract's errors: any other exception is a crash.
"""
%% tool full

import json
%%

from componentize_py_types import Err
from wit_world import exports
%% prompt full
from wit_world.exports.completion import CompleteRequest, Reference_Prompt, Suggestions
from wit_world.exports.prompts import (
    GetOutcome,
    GetOutcome_Complete,
    GetRequest,
    Prompt,
    PromptArgument,
    PromptMessage,
    PromptPage,
    PromptResult,
)
%%
%% resource full
from wit_world.exports.resources import (
    ReadOutcome,
    ReadOutcome_Complete,
    ReadRequest,
    ReadResult,
    ResourcePage,
    ResourceTemplate,
    TemplatePage,
)
%%
%% tool full
from wit_world.exports.tools import (
    CallOutcome,
    CallOutcome_Complete,
    CallRequest,
    Tool,
    ToolAnnotations,
    ToolPage,
)
%%
%% full
from wit_world.imports import log, progress, store
%%
from wit_world.imports.call import Context
%% tool
from wit_world.imports.content import ContentBlock_Text, TextContent, ToolResult
from wit_world.imports.types import Error_NotFound
%%
%% resource
from wit_world.imports.content import ResourceBody_Text, ResourceContents, ResourceLink
from wit_world.imports.types import Error_NotFound
%%
%% prompt
from wit_world.imports.content import ContentBlock_Text, TextContent
from wit_world.imports.types import Error_InvalidParams, Error_NotFound, Role
%%
%% full
from wit_world.imports.content import (
    ContentBlock_Text,
    ResourceBody_Text,
    ResourceContents,
    ResourceLink,
    TextContent,
    ToolResult,
)
from wit_world.imports.types import Error_InvalidParams, Error_NotFound, Role
%%
%% resource prompt full

# The languages by their codes, each with its greeting.
GREETINGS = {"de": "Hallo", "en": "Hello", "es": "Hola", "fr": "Bonjour"}
%%
%% tool full

GREET_INPUT = {
    "type": "object",
    "properties": {"name": {"type": "string", "description": "Whom to greet."}},
    "required": ["name"],
    "additionalProperties": False,
}

COUNT_WORDS_INPUT = {
    "type": "object",
    "properties": {"text": {"type": "string", "description": "The text to count in. It must have a word."}},
    "required": ["text"],
    "additionalProperties": False,
}

COUNT_WORDS_OUTPUT = {
    "type": "object",
    "properties": {
        "words": {"type": "integer", "description": "How many words there are."},
        "characters": {"type": "integer", "description": "How many characters there are, spaces included."},
    },
    "required": ["words", "characters"],
}


class Tools(exports.Tools):
    """A tool that answers in words, and one that answers for programs too."""

    def list(self, cursor: str | None) -> ToolPage:
        greet = tool("greet", "Greet", "Greets somebody by name.", GREET_INPUT, None)
        count_words = tool(
            "count_words",
            "Count words",
            "Counts the words and the characters of a text.",
            COUNT_WORDS_INPUT,
            COUNT_WORDS_OUTPUT,
        )
        return ToolPage(tools=[greet, count_words], next_cursor=None, cache=None)

    def call(self, request: CallRequest, context: Context) -> CallOutcome:
        # The host checked the arguments against the schema.
        arguments = json.loads(request.arguments)
        match request.name:
            case "greet":
                return greet(arguments["name"])
            case "count_words":
                return count_words(arguments["text"])
            case name:
                raise Err(Error_NotFound(name))
%%
%% tool


def greet(name: str) -> CallOutcome:
    """Greets somebody by name."""
    return answer(f"Hello, {name}!")
%%
%% full


def greet(name: str) -> CallOutcome:
    """Greets somebody by name, in the language that the operator chose."""
    greeting = GREETINGS.get(store.get("language") or "en", "Hello")
    return answer(f"{greeting}, {name}!")
%%
%% tool full


def count_words(text: str) -> CallOutcome:
    """Counts the words and the characters of a text."""
%%
%% full
    progress.report(1, 2, "splitting the text")
%%
%% tool full
    words = len(text.split())
    if words == 0:
        return answer("there is no word in the text: send at least one", is_error=True)
%%
%% full
    progress.report(2, 2, "counting characters")
    log.write(log.Level.INFO, None, f"counted {words} words", None)
%%
%% tool full
    structured = json.dumps({"words": words, "characters": len(text)})
    return answer(structured, structured=structured)


def answer(text: str, structured: str | None = None, is_error: bool = False) -> CallOutcome:
    """An answer; `is_error` makes it a "no" that the model can act on."""
    return CallOutcome_Complete(
        ToolResult(content=[text_block(text)], structured=structured, is_error=is_error, meta=None)
    )


def tool(name: str, title: str, description: str, input_schema: dict, output_schema: dict | None) -> Tool:
    """A tool that changes nothing."""
    return Tool(
        name=name,
        title=title,
        description=description,
        input_schema=json.dumps(input_schema),
        output_schema=json.dumps(output_schema) if output_schema else None,
        annotations=ToolAnnotations(
            read_only_hint=True, destructive_hint=None, idempotent_hint=True, open_world_hint=False
        ),
        icons=None,
        task_support=None,
        required_capabilities=None,
        meta=None,
    )
%%
%% resource full

PREFIX = "{{name}}://greetings/"


class Resources(exports.Resources):
    """The languages, and the greeting in each of them."""

    def list(self, cursor: str | None) -> ResourcePage:
        languages = ResourceLink(
            uri="{{name}}://languages",
            name="languages",
            title="Languages",
            description="The languages there is a greeting in, one on each line.",
            mime_type="text/plain",
            size=None,
            annotations=None,
            icons=None,
            meta=None,
        )
        return ResourcePage(resources=[languages], next_cursor=None, cache=None)

    def list_templates(self, cursor: str | None) -> TemplatePage:
        greeting = ResourceTemplate(
            uri_template=PREFIX + "{language}",
            name="greeting_in",
            title="A greeting",
            description="The greeting in one language, by its code, such as `fr`.",
            mime_type="text/plain",
            annotations=None,
            icons=None,
            meta=None,
        )
        return TemplatePage(templates=[greeting], next_cursor=None, cache=None)

    def read(self, request: ReadRequest, context: Context) -> ReadOutcome:
        if request.uri == "{{name}}://languages":
            return contents(request.uri, "\n".join(GREETINGS))
        language = request.uri.removeprefix(PREFIX)
        if language not in GREETINGS:
            raise Err(Error_NotFound(request.uri))
        return contents(request.uri, GREETINGS[language])


def contents(uri: str, text: str) -> ReadOutcome:
    """What a resource holds."""
    body = ResourceContents(uri=uri, mime_type="text/plain", body=ResourceBody_Text(text), meta=None)
    return ReadOutcome_Complete(ReadResult(contents=[body], cache=None, meta=None))
%%
%% prompt full


class Prompts(exports.Prompts):
    """Asks for a welcome."""

    def list(self, cursor: str | None) -> PromptPage:
        welcome = Prompt(
            name="welcome",
            title="Write a welcome",
            description="Asks for a welcome to somebody who is new.",
            arguments=[
                PromptArgument(name="name", title=None, description="Who is new.", required=True),
                PromptArgument(
                    name="language",
                    title=None,
                    description="The language to begin in, by its code, such as `fr`; English when left out.",
                    required=False,
                ),
            ],
            icons=None,
            meta=None,
        )
        return PromptPage(prompts=[welcome], next_cursor=None, cache=None)

    def get(self, request: GetRequest, context: Context) -> GetOutcome:
        if request.name != "welcome":
            raise Err(Error_NotFound(request.name))
        arguments = dict(request.arguments)
        language = arguments.get("language", "en")
        if language not in GREETINGS:
            raise Err(Error_InvalidParams(f"there is no language `{language}`: try `en`"))
        text = f'Write a short and friendly welcome to {arguments["name"]}. Begin with "{GREETINGS[language]}".'
        message = PromptMessage(role=Role.USER, content=text_block(text))
        return GetOutcome_Complete(PromptResult(description=None, messages=[message], meta=None))


class Completion(exports.Completion):
    """Completes a language."""

    def complete(self, request: CompleteRequest, context: Context) -> Suggestions:
        if request.reference != Reference_Prompt("welcome") or request.argument != "language":
            raise Err(Error_NotFound(request.argument))
        values = [language for language in GREETINGS if language.startswith(request.value)]
        return Suggestions(values=values, total=None, has_more=False)
%%
%% tool prompt full


def text_block(text: str) -> ContentBlock_Text:
    """Words in an answer or a prompt."""
    return ContentBlock_Text(TextContent(text=text, annotations=None, meta=None))
%%
