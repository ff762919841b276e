//! The three weeks, played through the use cases that live traffic and people go through.

use super::StoryClock;
use super::content::{Act, Content};
use super::conversation;
use super::people::Stage;
use super::timeline::{What, moments};
use crate::issues::IssueEdit;
use crate::{Engine, Error, NewAnswer, NewReview, Result};
use domain::{AnswerId, InteractionId, IssueId, Status, Timestamp};
use std::collections::{BTreeSet, HashMap};

/// What the story has come to so far.
struct Replay<'a> {
    engine: &'a Engine,
    stage: &'a Stage,
    /// Interactions by topic, in the order they were recorded.
    topics: HashMap<&'a str, Vec<InteractionId>>,
    /// Answers by the topic they are for.
    answers: HashMap<&'a str, AnswerId>,
}

/// Plays everything that happens before `now`; returns how many interactions were recorded.
pub(super) async fn replay(
    engine: &Engine,
    clock: &StoryClock,
    stage: &Stage,
    content: &Content,
    now: Timestamp,
) -> Result<usize> {
    let mut replay = Replay { engine, stage, topics: HashMap::new(), answers: HashMap::new() };
    let mut recorded = 0;
    for moment in moments(content, now) {
        clock.advance(moment.at);
        match moment.what {
            What::Question(topic, input) => {
                let validated = engine.validate(stage.project, *input).await?;
                if let Some(topic) = topic {
                    replay.topics.entry(topic).or_default().push(validated.interaction_id);
                }
                recorded += 1;
            }
            What::Conversation(held) => {
                recorded += conversation::play(engine, clock, stage.project, held, moment.at).await?;
            }
            What::Act(act) => replay.act(act).await?,
        }
    }
    Ok(recorded)
}

impl<'a> Replay<'a> {
    async fn act(&mut self, act: &'a Act) -> Result<()> {
        let (engine, project, expert) = (self.engine, self.stage.project, self.stage.expert);
        match act {
            Act::Answer { topic, query, answer, phrasings, publish } => {
                let new = NewAnswer {
                    query: query.clone(),
                    answer: Some(answer.clone()),
                    draft: None,
                    issues: self.issues(topic).await?,
                    phrasings: phrasings.clone(),
                    publish: *publish,
                    serve_answers: None,
                    applies_when: None,
                    language: None,
                };
                let made = engine.create_answer(project, expert, new).await?;
                self.answers.insert(topic, made.id);
            }
            Act::Pause { topic } => {
                let answer = self.answers.get(topic.as_str()).copied().ok_or(Error::NotFound("answer"))?;
                engine.pause_answer(project, expert, answer, None).await?;
            }
            Act::Review { topic, verdict, explanation } => {
                let new = NewReview {
                    interaction_ids: self.topics.get(topic.as_str()).cloned().unwrap_or_default(),
                    verdict: *verdict,
                    explanation: Some(explanation.clone()),
                    generate_guidance: false,
                    applies_when: None,
                    language: None,
                };
                engine.create_review(project, expert, new).await?;
            }
            Act::Dismiss { topic } => {
                self.edit(topic, IssueEdit { status: Some(Status::Dismissed), ..IssueEdit::default() })
                    .await?;
            }
            Act::Claim { topic } => {
                let assignee = Some(Some(self.stage.expert_id));
                self.edit(topic, IssueEdit { assignee, ..IssueEdit::default() }).await?;
            }
            Act::Flag { topic, nth, comment } => {
                let id = self.nth(topic, *nth)?;
                engine.flag(project, self.stage.developer, id, Some(comment.clone())).await?;
            }
            Act::Thumb { topic, nth, rating, comment } => {
                let id = self.nth(topic, *nth)?;
                engine.feedback(project, self.stage.service, id, *rating, comment.clone()).await?;
            }
        }
        Ok(())
    }

    async fn edit(&self, topic: &str, edit: IssueEdit) -> Result<()> {
        for issue in self.issues(topic).await? {
            self.engine.edit_issue(self.stage.project, self.stage.expert, issue, None, edit).await?;
        }
        Ok(())
    }

    fn nth(&self, topic: &str, nth: usize) -> Result<InteractionId> {
        let recorded = self.topics.get(topic).and_then(|recorded| recorded.get(nth));
        recorded.copied().ok_or(Error::NotFound("interaction"))
    }

    /// The issues the topic's interactions are in.
    async fn issues(&self, topic: &str) -> Result<Vec<IssueId>> {
        let mut issues = BTreeSet::new();
        for id in self.topics.get(topic).into_iter().flatten() {
            let interaction = self.engine.interaction(self.stage.project, *id).await?;
            issues.extend(interaction.occurrence.map(|place| place.occurrence.issue_id));
        }
        Ok(issues.into_iter().collect())
    }
}
