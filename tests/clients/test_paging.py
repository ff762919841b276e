"""Lists page by page: every log once, in order, whatever the page's size; synchronously and not."""

import asyncio
import unittest

from codex import AsyncCodex

from support import API_KEY, BAD, GOOD, URL, OnAProject

LOGS = 1000


class Paging(OnAProject):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ids = asyncio.run(cls.record())

    @classmethod
    async def record(cls):
        """A thousand logs, twenty at a time; each tenth fails."""
        room = asyncio.Semaphore(20)
        async with AsyncCodex(base_url=URL, api_key=API_KEY) as client:

            async def one(number):
                async with room:
                    scores = BAD if number % 10 == 0 else GOOD
                    r = await client.projects.validate(
                        cls.project.id, context="", query=f"Question number {number}?", response="Yes.", eval_scores=scores
                    )
                    return r.log_id

            return await asyncio.gather(*(one(number) for number in range(LOGS)))

    def test_every_log_once(self):
        for limit in (1000, 137, 60):
            logs = list(self.sdk.projects.query_logs.list(self.id, limit=limit, order="asc", sort="created_at"))
            self.assertEqual(len(logs), LOGS, limit)
            self.assertEqual({log.id for log in logs}, set(self.ids))
            self.assertEqual(sorted(log.created_at for log in logs), [log.created_at for log in logs])

    def test_without_a_limit_too(self):
        self.assertEqual({log.id for log in self.sdk.projects.query_logs.list(self.id)}, set(self.ids))

    def test_a_page_says_how_many_there_are(self):
        page = self.sdk.projects.query_logs.list(self.id, limit=7, offset=995)
        self.assertEqual((len(page.query_logs), page.total_count), (5, LOGS))
        page = self.sdk.projects.query_logs.list(self.id, limit=7, offset=5000)
        self.assertEqual((len(page.query_logs), page.total_count), (0, LOGS))
        page = self.sdk.projects.query_logs.list(self.id, guardrailed=True, limit=3)
        self.assertEqual((len(page.query_logs), page.total_count), (3, LOGS // 10))

    def test_both_orders_mirror_each_other(self):
        there = [log.id for log in self.sdk.projects.query_logs.list(self.id, limit=500, order="asc")]
        back = [log.id for log in self.sdk.projects.query_logs.list(self.id, limit=500, order="desc")]
        self.assertEqual(there, back[::-1])

    def test_asynchronously(self):
        async def walk():
            async with AsyncCodex(base_url=URL, api_key=API_KEY) as client:
                return [log.id async for log in client.projects.query_logs.list(self.id, limit=250)]

        self.assertEqual(set(asyncio.run(walk())), set(self.ids))

    def test_answers_and_reviews_page_as_well(self):
        for number in range(12):
            self.project.add_expert_answer(f"What does part number {number} of the manual say?", f"Page {number}.")
        answers = list(self.sdk.projects.remediations.expert_answers.list(self.id, limit=5))
        self.assertEqual(len({answer.id for answer in answers}), 12)
        self.assertEqual(len({r.id for r in self.sdk.projects.remediations.list(self.id, limit=5)}), 12)
        for log_id in self.ids[:120:10]:
            self.sdk.projects.remediations.expert_reviews.create(self.id, original_query_log_id=log_id, review_status="bad")
        reviews = list(self.sdk.projects.remediations.expert_reviews.list(self.id, limit=5))
        self.assertEqual(len({review.id for review in reviews}), 12)


if __name__ == "__main__":
    unittest.main()
