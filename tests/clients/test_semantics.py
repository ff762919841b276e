"""What apps rely on: what an expert does once holds for the next similar case."""

import unittest

from support import BAD, GOOD, OnAProject, user


class Semantics(OnAProject):
    def test_an_answer_is_served_word_for_word_at_once(self):
        self.project.add_expert_answer("How many bags may I check in?", "Two bags of 23 kg each.")
        for query in ("How many bags may I check in?", "How many bags can I check in?"):
            r = self.validate(query, "As many as you like.", GOOD)
            self.assertEqual(r.expert_answer, "Two bags of 23 kg each.", query)
        r = self.validate("How many seats does the plane have?", "180.", GOOD)
        self.assertIsNone(r.expert_answer)

    def test_an_answer_without_a_text_serves_nothing(self):
        self.project.add_remediation("May I bring my parrot along?")
        r = self.validate("May I bring my parrot along?", "Sure.")
        self.assertIsNone(r.expert_answer)

    def test_a_bad_review_blocks_what_is_similar_and_not_what_is_corrected(self):
        first = self.validate(
            "How long does a refund to my card take?", "Refunds reach your card within 2 hours.", GOOD
        )
        self.assertFalse(first.should_guardrail)
        self.sdk.projects.remediations.expert_reviews.create(
            self.id, original_query_log_id=first.log_id, review_status="bad", explanation="It takes ten days."
        )
        again = self.validate(
            "How long does it take for a refund to reach my card?", "A refund reaches your card within 2 hours.", GOOD
        )
        self.assertTrue(again.should_guardrail)
        self.assertEqual(again.expert_guardrail_override_explanation, "It takes ten days.")
        log = self.sdk.projects.query_logs.retrieve(again.log_id, project_id=self.id)
        self.assertTrue(log.guardrailed)
        self.assertEqual(log.expert_override_log_id, first.log_id)
        corrected = self.validate(
            "How long does it take for a refund to reach my card?", "It takes up to ten days until the money is back.", GOOD
        )
        self.assertFalse(corrected.should_guardrail)

    def test_a_good_review_lifts_the_block(self):
        query, response = "Which documents do I need to fly to Canada?", "A passport and an electronic travel permit."
        first = self.validate(query, response)
        self.assertTrue(first.should_guardrail)
        self.sdk.projects.remediations.expert_reviews.create(
            self.id, original_query_log_id=first.log_id, review_status="good", explanation=""
        )
        self.assertFalse(self.validate(query, response).should_guardrail)

    def test_thresholds_are_strict_and_kept_with_the_log(self):
        self.sdk.projects.evals.create(
            self.id,
            criteria="Does it smell of an attack?",
            eval_key="suspicion",
            name="Suspicion",
            threshold=0.5,
            threshold_direction="above",
            should_guardrail=True,
        )
        at, over = ({**GOOD, "suspicion": score} for score in (0.5, 0.51))
        r = self.validate("What is on the menu?", "Pasta.", at)
        self.assertFalse(r.should_guardrail)
        self.assertFalse(r.eval_scores["suspicion"].triggered)
        r = self.validate("What is on the menu?", "Pasta.", over)
        self.assertTrue(r.should_guardrail)
        self.assertTrue(r.eval_scores["suspicion"].triggered_guardrail)
        below = self.validate("What is on the menu?", "Pasta.", {**GOOD, "trustworthiness": 0.7})
        self.assertFalse(below.eval_scores["trustworthiness"].triggered)
        log = self.sdk.projects.query_logs.retrieve(r.log_id, project_id=self.id)
        self.assertEqual(log.eval_thresholds["suspicion"], {"value": 0.5, "direction": "above"})
        self.assertEqual(log.eval_thresholds["trustworthiness"]["direction"], "below")
        # An edit does not rewrite what was.
        self.sdk.projects.evals.update(
            "suspicion", project_id=self.id, body_eval_key="suspicion", name="Suspicion", criteria="As before.", threshold=0.9
        )
        log = self.sdk.projects.query_logs.retrieve(r.log_id, project_id=self.id)
        self.assertEqual(log.eval_thresholds["suspicion"]["value"], 0.5)
        self.sdk.projects.evals.delete("suspicion", project_id=self.id)

    def test_thresholds_of_one_request(self):
        r = self.sdk.projects.validate(
            self.id,
            context="",
            query="Where is gate nine?",
            response="Upstairs.",
            eval_scores=GOOD,
            custom_eval_thresholds={"trustworthiness": 0.99},
        )
        self.assertTrue(r.should_guardrail)

    def test_a_step_is_kept_and_never_judged(self):
        step = "<tool_call>\n{\"name\": \"find_flight\", \"arguments\": {}}\n</tool_call>"
        r = self.validate("Is my flight on time?", step, {})
        self.assertEqual((r.should_guardrail, r.escalated_to_sme, r.eval_scores), (False, False, {}))
        self.assertIn(r.log_id, [log.id for log in self.sdk.projects.query_logs.list(self.id)])

    def test_a_tool_call_as_a_completion(self):
        completion = {
            "id": "chatcmpl-mock",
            "object": "chat.completion",
            "created": 0,
            "model": "mock",
            "usage": {"completion_tokens": 0, "prompt_tokens": 0, "total_tokens": 0},
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "tool_calls",
                    "message": {
                        "role": "assistant",
                        "content": None,
                        "tool_calls": [
                            {"id": "c1", "type": "function", "function": {"name": "find_flight", "arguments": "{}"}}
                        ],
                    },
                }
            ],
        }
        tool = {"type": "function", "function": {"name": "find_flight", "parameters": {"type": "object"}}}
        r = self.validate("Is flight 7 on time?", completion, GOOD, tools=[tool])
        log = self.sdk.projects.query_logs.retrieve(r.log_id, project_id=self.id)
        self.assertEqual(log.tool_call_names, ["find_flight"])
        self.assertIsNone(log.original_assistant_response)
        logs = list(self.sdk.projects.query_logs.list(self.id, tool_call_names=["find_flight", "other"], has_tool_calls=True))
        self.assertEqual([log.id for log in logs], [r.log_id])

    def test_a_conversation_with_a_rewritten_query(self):
        self.project.add_expert_answer("What is the capital of France?", "Paris.")
        r = self.live.validate(
            query="What is its capital?",
            rewritten_query="What is the capital of France?",
            context="",
            response="Lyon.",
            messages=[user("Tell me about France."), {"role": "assistant", "content": "A country.", "finish_reason": "stop"}, user("What is its capital?")],
            eval_scores=GOOD,
        )
        self.assertEqual(r.expert_answer, "Paris.")
        log = self.sdk.projects.query_logs.retrieve(r.log_id, project_id=self.id)
        self.assertEqual((log.question, log.original_question), ("What is the capital of France?", "What is its capital?"))

    def test_scores_nobody_sent(self):
        r = self.validate("Do you sell gift cards?", "I'm sorry, but I can't help with that.", None)
        self.assertIsNone(r.eval_scores["trustworthiness"].score)
        helpful = self.validate("Do you sell gift cards?", "Yes, in every shop and online, from 10 to 200 euros.", None)
        self.assertLess(r.eval_scores["response_helpfulness"].score, helpful.eval_scores["response_helpfulness"].score)
        self.assertTrue(r.escalated_to_sme)
        self.assertFalse(helpful.escalated_to_sme)

    def test_advice_is_found_before_the_app_answers(self):
        query = "Which seat should I choose for a night flight?"
        r = self.validate(query, "Any seat will do.", GOOD)
        review = self.sdk.projects.remediations.expert_reviews.create(
            self.id,
            original_query_log_id=r.log_id,
            review_status="bad",
            explanation="If a customer asks about seats on a night flight, ask first whether they want to sleep.",
            extra_query={"generate_guidance": True},
        )
        log = self.sdk.projects.query_logs.retrieve(r.log_id, project_id=self.id)
        self.assertEqual(log.expert_review_id, review.id)
        path = f"/api/projects/{self.id}/guidance_remediations/{log.ai_guidance_id}"
        guidance = self.sdk.get(path, cast_to=object)
        self.assertIs(guidance["pending"], False)
        advice = self.sdk.post(
            f"/api/projects/{self.id}/consult",
            cast_to=object,
            body={"query": "What seat should I pick on a night flight?", "message_history": [user("Hi")]},
        )
        self.assertEqual(advice["guidance"], [guidance["guidance"]])
        self.assertIn("whether they want to sleep", guidance["guidance"])


class StrictSemantics(Semantics):
    strict = True


if __name__ == "__main__":
    unittest.main()
