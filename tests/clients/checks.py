"""What the Python clients are held against, whichever of them it is.

A program makes one connection, runs each check of `NAMES` once, and says of each `passed`, or `cannot` and why: no check
is left out in silence. The first failure ends it.
"""

import asyncio
import os
import sys
import traceback

NAMES = (
    "lists", "call", "structured", "errors", "resources", "prompts", "completion", "progress", "logs", "form", "decline",
    "page", "sampling", "roots", "cancel", "lists-change", "resource-changes",
)  # fmt: skip

# The two revisions that the eras are named for.
REVISIONS = {"legacy": "2025-11-25", "modern": "2026-07-28", "auto": "2026-07-28"}

# How long one check may take. It is met only by one that fails.
PATIENCE = 180

SAMPLED = "the words of a model"
ROOT = "file:///a/folder"


def stdio():
    """The command that starts the server."""
    return [os.environ["PORTCULLIS"], "--config", os.environ["PORTCULLIS_CONFIG"], "serve"]


def url():
    """Where the server is over HTTP."""
    return os.environ["PORTCULLIS_URL"]


def text(result):
    """The first text block of a tool's answer."""
    return next(block.text for block in result.content if block.type == "text")


async def eventually(events, wanted):
    """Waits until an event comes for which `wanted` holds, and gives it."""
    while True:
        event = await events.get()
        if wanted(event):
            return event


async def run(checks):
    """Runs the checks of an object, which are its methods named for them; one returns why it cannot be made, or nothing."""
    for name in NAMES:
        try:
            why = await asyncio.wait_for(getattr(checks, name.replace("-", "_"))(), PATIENCE)
        except BaseException as error:
            print(f"failed {name}: {type(error).__name__}: {error}")
            traceback.print_exc()
            # The client may wait for the call that failed, so it is not asked to take its leave.
            sys.stdout.flush()
            os._exit(1)
        print(f"cannot {name}: {why}" if why else f"passed {name}")
