"""What the tests share: clients of the server under test, a project to work in, and things to send."""

import os
import unittest
import uuid

from cleanlab_codex import Client, Project
from codex import Codex

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


class OnAProject(unittest.TestCase):
    """Tests on a project of their own, with the clients `strict` names."""

    #: Whether the SDK refuses what is not of the promised shape.
    strict = False

    @classmethod
    def setUpClass(cls):
        cls.sdk = Codex(base_url=URL, api_key=API_KEY, _strict_response_validation=cls.strict)
        cls.addClassCleanup(cls.sdk.close)
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
