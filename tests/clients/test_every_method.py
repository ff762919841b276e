"""Every method of the SDK's two clients, once at least, leniently and strictly: nothing it offers is a surprise of ours."""

import functools
import importlib
import inspect
import os
import pkgutil
import unittest
from datetime import datetime, timedelta, timezone

import codex
from codex._resource import AsyncAPIResource, SyncAPIResource

from support import API_KEY, BAD, GOOD, OnAProject, unique, user


def every_resource(base):
    """The resource classes of the SDK, of one of its clients."""
    package = importlib.import_module("codex.resources")
    modules = [importlib.import_module(m.name) for m in pkgutil.walk_packages(package.__path__, "codex.resources.")]
    return {
        value
        for module in modules
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, base) and value is not base
    }


def every_method(base):
    """`Resource.method` for all that sends a request."""
    return {
        f"{resource.__name__}.{name}": (resource, name)
        for resource in every_resource(base)
        for name, value in vars(resource).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }


class EveryMethod(OnAProject):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.called = set()
        cls.methods = every_method(AsyncAPIResource if cls.asynchronous else SyncAPIResource)
        for path, (resource, name) in cls.methods.items():
            cls.note(path, resource, name)

    @classmethod
    def note(cls, path, resource, name):
        original = vars(resource)[name]

        @functools.wraps(original)
        def noted(*args, **kwargs):
            cls.called.add(path)
            return original(*args, **kwargs)

        setattr(resource, name, noted)
        cls.addClassCleanup(setattr, resource, name, original)

    @classmethod
    def tearDownClass(cls):
        missing = set(cls.methods) - cls.called
        assert not missing, f"never called: {sorted(missing)}"

    def refused(self, status, call, *args, **kwargs):
        with self.assertRaises(codex.APIStatusError) as refused:
            call(*args, **kwargs)
        self.assertEqual(refused.exception.status_code, status)
        self.assertTrue(refused.exception.body["detail"])
        return refused.exception

    def log(self, query="Where can I leave my luggage?", scores=BAD):
        return self.validate(query, "At the counter.", scores).log_id

    def test_health(self):
        self.assertTrue(self.sdk.health.check().status)
        self.assertTrue(self.sdk.health.db().status)

    def test_users(self):
        me = self.sdk.users.myself.retrieve()
        self.assertIn("@", me.email)
        self.assertEqual(self.sdk.users.myself.api_key.retrieve().id, me.id)
        # Kept as a hash, it cannot be shown again.
        self.assertNotEqual(me.api_key, API_KEY)
        organizations = self.sdk.users.myself.organizations.list().organizations
        self.assertEqual({o.user_id for o in organizations}, {me.id})
        named = self.sdk.users.activate_account(first_name="Ada", last_name="Lovelace", is_account_activated=True)
        self.assertEqual(named.id, me.id)
        self.assertIsNotNone(self.sdk.users.verification.resend())

    def test_a_refreshed_key_replaces_the_one_that_asked(self):
        # One that no other test asks with.
        spare = os.environ["EW_TEST_SPARE_API_KEYS"].split(",")[2 * self.asynchronous + self.strict]
        asking = self.opened(api_key=spare)
        fresh = asking.users.myself.api_key.refresh().api_key
        self.assertTrue(self.opened(api_key=fresh).users.myself.retrieve().id)
        self.refused(401, asking.users.myself.retrieve)

    def test_organizations(self):
        organization = self.client.organization_id
        self.assertEqual(self.sdk.organizations.retrieve(organization).id, organization)
        me = self.sdk.users.myself.retrieve()
        # For administrators only.
        self.refused(403, self.sdk.organizations.list_members, organization)
        key = os.environ["EW_TEST_ADMIN_API_KEY"]
        administrator = self.opened(api_key=key)
        self.assertIn(me.id, [member.user_id for member in administrator.organizations.list_members(organization)])
        self.assertTrue(all(isinstance(v, bool) for v in self.sdk.organizations.retrieve_permissions(organization).values()))
        billing = self.sdk.organizations.billing
        for call in (billing.invoices, billing.usage, billing.card_details.retrieve, billing.plan_details.retrieve, billing.setup_intent.create):
            self.refused(404, call, organization)

    def test_projects(self):
        organization, name = self.client.organization_id, unique("methods")
        made = self.sdk.projects.create(config={"max_distance": 0.2}, name=name, organization_id=organization, description=None)
        self.assertEqual((made.name, made.organization_id, made.config.max_distance), (name, organization, 0.2))
        self.assertEqual(self.sdk.projects.retrieve(made.id).name, name)
        changed = self.sdk.projects.update(made.id, name=name + " 2", description="Now with words", auto_clustering_enabled=True)
        self.assertEqual((changed.name, changed.description), (name + " 2", "Now with words"))
        listed = self.sdk.projects.list(query=name, include_unaddressed_counts=True, sort="created_at", order="desc", limit=10, organization_id=organization)
        self.assertEqual(([p.id for p in listed.projects], listed.total_count), ([made.id], 1))
        self.assertEqual(listed.projects[0].unaddressed_count, 0)
        copy = self.sdk.projects.create_from_template(organization_id=organization, template_project_id=made.id, name=unique("copy"))
        self.assertNotEqual(copy.id, made.id)
        self.sdk.projects.delete(copy.id)
        self.refused(404, self.sdk.projects.retrieve, copy.id)
        # Two projects of one name: refused for good, so nothing that is tried again.
        self.assertIn(self.refused(400, self.sdk.projects.create, config={}, name=name + " 2", organization_id=organization).status_code, (400, 422))

    def test_validate_and_detect(self):
        query = "May I change my seat?"
        r = self.sdk.projects.validate(self.id, context="", query=query, response="No.", eval_scores=BAD, use_llm_matching=False)
        self.assertTrue(r.should_guardrail)
        seen = self.sdk.projects.detect(self.id, context="", query=query, response="No.", messages=[user(query)])
        self.assertIsInstance(seen.should_guardrail, bool)
        self.assertEqual(len([l for l in self.sdk.projects.query_logs.list(self.id) if l.original_question == query]), 1)

    def test_invitations(self):
        invite = self.sdk.projects.invite_sme
        self.refused(501, invite, self.id, email="a@example.test", page_type="query_log", url_query_string="")

    def test_insight(self):
        self.log()
        analytics = self.sdk.projects.retrieve_analytics(self.id)
        self.assertGreaterEqual(analytics.queries.total, 1)
        self.assertGreaterEqual(analytics.bad_responses.total, 1)
        self.assertEqual(self.sdk.projects.retrieve_analytics(self.id, end=1.0).queries.total, 0)
        self.assertTrue(self.sdk.projects.export(self.id))

    def test_access_keys(self):
        keys = self.sdk.projects.access_keys
        expiry = datetime.now(timezone.utc) + timedelta(days=2)
        made = keys.create(self.id, name="key", description=None, expires_at=expiry)
        self.assertRegex(made.token, r"^sk-.*-.*$")
        listed = {key.id: key for key in keys.list(self.id)}
        self.assertRegex(listed[made.id].token, r"^sk-.*-.*$")
        self.assertNotEqual(listed[made.id].token, made.token)
        live = self.opened(access_key=made.token)
        self.assertEqual(live.projects.access_keys.retrieve_project_id().project_id, self.id)
        changed = keys.update(made.id, project_id=self.id, name="renamed", description="for the app")
        self.assertEqual((changed.name, keys.retrieve(made.id, project_id=self.id).name), ("renamed", "renamed"))
        keys.revoke(made.id, project_id=self.id)
        self.refused(401, live.projects.access_keys.retrieve_project_id)
        self.assertEqual(keys.retrieve(made.id, project_id=self.id).status, "revoked")
        keys.delete(made.id, project_id=self.id)
        self.refused(404, keys.retrieve, made.id, project_id=self.id)

    def test_evals(self):
        evals = self.sdk.projects.evals
        project = evals.create(self.id, criteria="Is it short?", eval_key="brevity", name="Brevity", priority=3, should_escalate=True)
        self.assertIn("brevity", project.config.eval_config.custom_evals.evals)
        listed = {e.eval_key: e for e in evals.list(self.id).evals}
        self.assertTrue(listed["brevity"].should_escalate)
        self.assertGreaterEqual(set(listed), set(GOOD))
        self.assertEqual({e.eval_key for e in evals.list(self.id, guardrails_only=True).evals}, {"trustworthiness"})
        page = evals.list(self.id, limit=2, offset=1)
        self.assertEqual((len(page.evals), page.total_count), (2, 6))
        evals.update("brevity", project_id=self.id, body_eval_key="brevity", name="Brevity", criteria="Is it brief?", enabled=False)
        evals.update("query_ease", project_id=self.id, body_eval_key="query_ease", threshold=0.2, should_escalate=False)
        listed = {e.eval_key: e for e in evals.list(self.id).evals}
        self.assertEqual((listed["brevity"].criteria, listed["brevity"].enabled), ("Is it brief?", False))
        self.assertEqual(listed["query_ease"].threshold, 0.2)
        evals.delete("brevity", project_id=self.id)
        self.assertNotIn("brevity", {e.eval_key for e in evals.list(self.id).evals})
        self.assertIn(self.refused(400, evals.delete, "trustworthiness", project_id=self.id).status_code, (400, 422))
        self.refused(422, evals.create, self.id, criteria="-", eval_key="../x", name="No")

    def test_query_logs(self):
        logs = self.sdk.projects.query_logs
        log_id = self.log("Is there a lounge at the airport?")
        got = logs.retrieve(log_id, project_id=self.id)
        self.assertEqual((got.issue_status, got.primary_eval_issue, got.escalated), ("unaddressed", "hallucination", True))
        self.assertEqual(logs.add_user_feedback(log_id, project_id=self.id, key="thumbs_up").query_log_id, log_id)
        merged = logs.update_metadata(log_id, project_id=self.id, body={"a": 1, "b": None})
        merged = logs.update_metadata(log_id, project_id=self.id, body={"c": [2]})
        self.assertEqual((merged.custom_metadata["a"], merged.custom_metadata["c"]), (1, [2]))
        found = logs.list(
            self.id,
            created_at_start=datetime(2020, 1, 1),
            created_at_end=datetime.now(timezone(timedelta(hours=2))) + timedelta(days=1),
            custom_metadata='{"a": 1}',
            failed_evals=["trustworthiness"],
            passed_evals=["query_ease"],
            primary_eval_issue=["hallucination", "unhelpful"],
            search_text="LOUNGE",
            guardrailed=True,
            has_tool_calls=False,
            sort=".eval.trustworthiness",
            order="asc",
        )
        self.assertEqual([log.id for log in found], [log_id])
        self.assertEqual(len(list(logs.list(self.id, failed_evals=[], tool_call_names=[]))), len(list(logs.list(self.id))))
        groups = {group.issue_id: group for group in logs.list_groups(self.id, sort="impact_score", order="desc", needs_review=True)}
        group = groups[got.issue_id]
        self.assertTrue(group.any_escalated)
        self.assertGreater(group.impact_score, 0)
        self.assertEqual((group.total_count, group.needs_review, group.remediation_status), (1, True, "NOT_STARTED"))
        by_group = logs.list_by_group(self.id, remediation_ids=[got.issue_id]).query_logs_by_group
        self.assertEqual([log.id for log in by_group[got.issue_id].query_logs], [log_id])
        started = logs.start_remediation(log_id, project_id=self.id)
        self.assertEqual(started.question, "Is there a lounge at the airport?")
        self.refused(404, logs.retrieve, "00000000-0000-4000-8000-000000000000", project_id=self.id)

    def test_expert_answers(self):
        answers = self.sdk.projects.remediations.expert_answers
        made = answers.create(self.id, query="What is the dress code?", draft_answer="Smart.")
        self.assertEqual((made.status, made.answer, made.draft_answer), ("DRAFT", None, "Smart."))
        self.assertEqual(answers.publish(made.id, project_id=self.id).status, "ACTIVE")
        drafted = answers.edit_draft_answer(made.id, project_id=self.id, draft_answer="Casual.")
        self.assertEqual((drafted.status, drafted.answer, drafted.draft_answer), ("ACTIVE_WITH_DRAFT", "Smart.", "Casual."))
        edited = answers.edit_answer(made.id, project_id=self.id, answer="Anything.")
        self.assertEqual(edited.answer, "Anything.")
        self.assertEqual(self.validate("What is the dress code?", "None.", GOOD).expert_answer, "Anything.")
        self.assertEqual(answers.pause(made.id, project_id=self.id).status, "PAUSED")
        self.assertIsNone(self.validate("What is the dress code?", "None.", GOOD).expert_answer)
        self.assertIn(answers.unpause(made.id, project_id=self.id).status, ("ACTIVE", "ACTIVE_WITH_DRAFT"))
        self.assertEqual(answers.retrieve(made.id, project_id=self.id).query, "What is the dress code?")
        me = self.sdk.users.myself.retrieve().id
        listed = answers.list(self.id, status=["ACTIVE", "ACTIVE_WITH_DRAFT"], last_edited_by=me, sort="resolved_logs_count", order="desc", created_at_start=datetime(2020, 1, 1))
        self.assertIn(made.id, [answer.id for answer in listed])
        self.assertNotIn(made.id, [answer.id for answer in answers.list(self.id, status=["PAUSED"])])
        answers.delete(made.id, project_id=self.id)
        self.refused(404, answers.retrieve, made.id, project_id=self.id)

    def test_expert_reviews(self):
        reviews = self.sdk.projects.remediations.expert_reviews
        log_id = self.log("How old must my child be to fly alone?")
        made = reviews.create(self.id, original_query_log_id=log_id, review_status="bad", explanation="")
        edited = reviews.edit(made.id, project_id=self.id, explanation="Five.", review_status="good")
        self.assertEqual((edited.review_status, edited.explanation), ("good", "Five."))
        got = reviews.retrieve(made.id, project_id=self.id)
        self.assertEqual((got.query, got.evaluated_response), ("How old must my child be to fly alone?", "At the counter."))
        listed = reviews.list(self.id, review_status=["good"], sort="last_edited_at", order="asc")
        self.assertIn(made.id, [review.id for review in listed])
        reviews.delete(made.id, project_id=self.id)
        self.refused(404, reviews.retrieve, made.id, project_id=self.id)

    def test_remediations(self):
        remediations = self.sdk.projects.remediations
        made = remediations.create(self.id, question="Can I bring a surfboard?", answer="Yes, for a fee.")
        self.assertEqual((made.question, made.status), ("Can I bring a surfboard?", "ACTIVE"))
        log_id = self.log("Can I bring a surfboard?")
        resolved = remediations.get_resolved_logs_count(made.id, project_id=self.id)
        self.assertEqual(resolved.resolved_logs_count, 1)
        self.assertEqual([log.id for log in remediations.list_resolved_logs(made.id, project_id=self.id).query_logs], [log_id])
        self.assertEqual(remediations.edit_draft_answer(made.id, project_id=self.id, draft_answer="No.").status, "ACTIVE_WITH_DRAFT")
        self.assertEqual(remediations.publish(made.id, project_id=self.id).answer, "No.")
        self.assertEqual(remediations.edit_answer(made.id, project_id=self.id, answer="Perhaps.").answer, "Perhaps.")
        self.assertEqual(remediations.pause(made.id, project_id=self.id).status, "PAUSED")
        self.assertEqual(remediations.unpause(made.id, project_id=self.id).status, "ACTIVE")
        self.assertEqual(remediations.retrieve(made.id, project_id=self.id).answer, "Perhaps.")
        self.assertIn(made.id, [r.id for r in remediations.list(self.id, status=["ACTIVE"], sort="created_at", order="desc")])
        remediations.delete(made.id, project_id=self.id)
        self.refused(404, remediations.retrieve, made.id, project_id=self.id)


class StrictlyEveryMethod(EveryMethod):
    strict = True


class EveryMethodAwaited(EveryMethod):
    asynchronous = True


class StrictlyEveryMethodAwaited(EveryMethodAwaited):
    strict = True


if __name__ == "__main__":
    unittest.main()
