"""What the tests share: clients of the server under test, a project to work in, and things to send."""

import asyncio
import inspect
import os
import threading
import unittest
import uuid

from cleanlab_codex import Client, Project
from codex import AsyncCodex, Codex
from codex._resource import AsyncAPIResource

URL = os.environ["CODEX_BASE_URL"]
API_KEY = os.environ["CODEX_API_KEY"]

#: What an app sends to have a response taken as good by every default evaluation.
GOOD = {
    "trustworthiness": 0.95,
    "response_helpfulness": 0.95,
    "context_sufficiency": 0.95,
    "query_ease": 0.95,
    "response_groundedness": 0.95,
}
#: The same with a response that is most likely made up.
BAD = {**GOOD, "trustworthiness": 0.1}


def unique(stem):
    """A name nobody else has: tests share servers."""
    return f"{stem}-{uuid.uuid4().hex}"


def user(text):
    return {"role": "user", "content": text}


class Loop:
    """An event loop in a thread of its own, for clients that are awaited from tests that are not."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=60)

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Awaited:
    """The async client, or a resource of it, called as the other one is: every reply is awaited, of every list all pages."""

    def __init__(self, of, loop):
        self._of, self._loop = of, loop

    def __getattr__(self, name):
        found = getattr(self._of, name)
        if isinstance(found, AsyncAPIResource):
            return Awaited(found, self._loop)
        return (lambda *args, **kwargs: self._reply(found(*args, **kwargs))) if callable(found) else found

    def _reply(self, pending):
        if hasattr(pending, "__aiter__"):
            return self._loop.run(self._all(pending))
        return self._loop.run(pending) if inspect.isawaitable(pending) else pending

    @staticmethod
    async def _all(pages):
        return [item async for item in pages]


class OnAProject(unittest.TestCase):
    """Tests on a project of their own, with the clients `strict` and `asynchronous` name."""

    #: Whether the SDK refuses what is not of the promised shape.
    strict = False
    #: Whether it is the SDK's async client.
    asynchronous = False

    @classmethod
    def opened(cls, **credentials):
        """A client of the SDK."""
        options = {"base_url": URL, "_strict_response_validation": cls.strict, **credentials}
        if not cls.asynchronous:
            sdk = Codex(**options)
            cls.addClassCleanup(sdk.close)
            return sdk
        sdk = Awaited(AsyncCodex(**options), cls.loop)
        cls.addClassCleanup(sdk.close)
        return sdk

    @classmethod
    def setUpClass(cls):
        if cls.asynchronous:
            cls.loop = Loop()
            cls.addClassCleanup(cls.loop.close)
        cls.sdk = cls.opened(api_key=API_KEY)
        cls.client = Client(api_key=API_KEY)
        cls.project = cls.client.create_project(unique("project"), "for a test")
        cls.live = Project.from_access_key(cls.project.create_access_key("app"))
        if cls.strict:
            for project in (cls.project, cls.live):
                project._sdk_client = project._sdk_client.with_options(_extra_kwargs={"_strict_response_validation": True})

    @property
    def id(self):
        return self.project.id

    def validate(self, query, response, scores=BAD, **more):
        """One response as an app sends it: with an access key, through the high-level client."""
        return self.live.validate(
            query=query, response=response, context="", messages=[user(query)], eval_scores=scores, **more
        )
