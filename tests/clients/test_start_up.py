"""How programs begin, and the script of the first five minutes."""

import os
import unittest
from datetime import datetime, timedelta, timezone

import codex
from cleanlab_codex import Client, Project
from cleanlab_codex.project import MissingProjectError

from support import API_KEY, OnAProject, unique, user


class StartUp(OnAProject):
    def test_a_client_finds_its_organization(self):
        organizations = Client(api_key=API_KEY).list_organizations()
        self.assertGreaterEqual(len(organizations), 1)
        self.assertEqual(organizations[0].organization_id, self.client.organization_id)

    def test_a_wrong_key_is_an_authentication_error(self):
        with self.assertRaises(codex.AuthenticationError) as refused:
            Client(api_key="A" * 43)
        self.assertIn("detail", refused.exception.body)
        with self.assertRaises(MissingProjectError):
            Project.from_access_key("sk-1-" + "A" * 43)

    def test_projects_are_found_by_their_id(self):
        self.assertEqual(self.client.get_project(self.id).id, self.id)
        with self.assertRaises(codex.NotFoundError):
            self.client.get_project("00000000-0000-4000-8000-000000000000")
        with self.assertRaises(codex.NotFoundError):
            self.client.get_project("no-such-project")

    def test_a_project_from_a_template(self):
        template = self.client.create_project(unique("template"), "the original's description")
        self.sdk.projects.evals.create(
            template.id, criteria="Is it polite?", eval_key="politeness", name="Politeness", threshold=0.4
        )
        copied = self.client.create_project_from_template(template.id, unique("copy"))
        evals = {e.eval_key: e for e in self.sdk.projects.evals.list(copied.id).evals}
        self.assertEqual(evals["politeness"].threshold, 0.4)
        self.assertEqual(self.sdk.projects.retrieve(copied.id).description, "the original's description")

    def test_an_access_key_finds_its_project_and_makes_no_other(self):
        live = Project.from_access_key(self.project.create_access_key("again", "with words"))
        self.assertEqual(live.id, self.id)
        with self.assertRaises(codex.AuthenticationError) as refused:
            live.create_access_key("from an access key")
        # The high-level client says what to do instead of only that it failed.
        self.assertNotIn("Error code", str(refused.exception))

    def test_keys_expire(self):
        soon = datetime.now(timezone.utc) + timedelta(days=1)
        self.assertTrue(Project.from_access_key(self.project.create_access_key("short", expiration=soon)))
        with self.assertRaises(codex.APIStatusError) as refused:
            self.project.create_access_key("over", expiration=datetime(2020, 1, 1))
        self.assertIn(refused.exception.status_code, (400, 422))

    def test_the_environment_alone_is_enough(self):
        os.environ["CODEX_ACCESS_KEY"] = self.project.create_access_key("environment")
        self.addCleanup(os.environ.pop, "CODEX_ACCESS_KEY")
        self.assertTrue(Client())
        self.assertEqual(codex.Codex(access_key=os.environ["CODEX_ACCESS_KEY"]).projects.access_keys.retrieve_project_id().project_id, self.id)


class FirstFiveMinutes(unittest.TestCase):
    def test_the_script(self):
        client = Client()
        project = client.create_project(unique("demo"))
        project.add_expert_answer("How much water can it hold?", "32oz")
        live = Project.from_access_key(project.create_access_key("app"))
        query = "How much water does it hold?"
        r = live.validate(
            query=query,
            context="A bottle, $24.99",
            response="16 oz",
            messages=[user(query)],
            metadata={"thread_id": "t1"},
            eval_scores={"trustworthiness": 0.2, "response_helpfulness": 0.9},
        )
        self.assertEqual((r.expert_answer, r.should_guardrail, r.escalated_to_sme), ("32oz", True, True))
        sdk = client.get_project(project.id)._sdk_client
        logs = list(sdk.projects.query_logs.list(project.id, guardrailed=True))
        self.assertEqual([log.id for log in logs], [r.log_id])
        self.assertEqual(logs[0].original_assistant_response, "16 oz")
        sdk.projects.remediations.expert_reviews.create(
            project.id, original_query_log_id=r.log_id, review_status="bad", explanation="wrong volume"
        )
        live.add_user_feedback(r.log_id, "thumbs_down")
        live.update_metadata(r.log_id, {"lang": "en"})
        log = sdk.projects.query_logs.retrieve(r.log_id, project_id=project.id)
        self.assertEqual((log.custom_metadata["thread_id"], log.custom_metadata["lang"]), ("t1", "en"))
        self.assertEqual((log.expert_review_status, log.expert_review_explanation), ("bad", "wrong volume"))


if __name__ == "__main__":
    unittest.main()
