//! From the folder into the engine, or, where it is only tried, into a report of what would become of everything.

use std::collections::{HashMap, HashSet};

use domain::{AnswerStatus, InteractionId, OrganizationId, ReviewId, Timestamp};
use engine::moving::{Brought, Done, PastAnswer, PastInteraction, PastProject, PastReview, Surroundings};
use engine::{DatabaseUrl, Engine, Error};
use secrecy::SecretString;
use serde_json::Value;

use super::Failure;
use super::configuration::configuration;
use super::folder::{Folder, List};
use super::log::{Known, interaction};
use super::people::{People, strangers};
use super::report::Report;
use super::shapes::{AnswerThere, LogThere, ProjectThere, ReviewThere, read};
use super::survey::Survey;

/// How a project is to be moved.
#[derive(Debug, Default)]
pub struct Plan {
    /// The e-mail address of who is to own it; the first administrator's, if none.
    pub owner: Option<String>,
    /// Another name.
    pub name: Option<String>,
    /// Tokens of its access keys.
    pub access_keys: Vec<SecretString>,
    /// Tokens of the owner's API keys.
    pub api_keys: Vec<SecretString>,
}

/// A project that is moved.
pub struct Moving<'a> {
    pub(super) folder: &'a Folder,
    pub(super) plan: Plan,
    pub(super) project: ProjectThere,
    pub(super) survey: Survey,
    pub(super) known: HashMap<ReviewId, Known>,
    pub(super) people: People,
    organization: Option<OrganizationId>,
    now: Timestamp,
    fresh: HashSet<InteractionId>,
    pub(super) report: Report,
}

/// Logs, and reviews of such logs, in the order in which they are brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// No remediation acted on them.
    Untouched,
    /// A remediation did: they are placed where that is by then.
    ActedOn,
}

impl<'a> Moving<'a> {
    /// Reads what is in the folder, logs apart: those are read again, page by page.
    ///
    /// # Errors
    /// Something is missing or cannot be read.
    pub fn read(folder: &'a Folder, plan: Plan, now: Timestamp) -> Result<Self, Failure> {
        let none = if folder.is_begun() {
            "the folder holds a fetch that is not done: the same command with --from goes on"
        } else {
            "the folder holds no project: fetch one with --from"
        };
        let project = folder.read("project")?.ok_or(none)?;
        let mut project = ProjectThere::read(project)?;
        if let Some(name) = &plan.name {
            project.name.clone_from(name);
        }
        let survey = Survey::of(folder)?;
        let known = |review: &ReviewThere| {
            let made_on = survey.made_on.get(&review.id).and_then(|on| on.first()).copied();
            (review.id, Known { verdict: review.review_status, made_on })
        };
        let known = survey.reviews.iter().flatten().map(known).collect();
        Ok(Self {
            folder,
            plan,
            project,
            survey,
            known,
            people: People::default(),
            organization: None,
            now,
            fresh: HashSet::new(),
            report: Report::default(),
        })
    }

    /// Says what would become of everything. The database is read as it is, if it is there; nothing is written.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub async fn try_out(mut self, database: DatabaseUrl) -> Result<Report, Failure> {
        self.report.dry_run = true;
        let (id, name, owner) = (self.project.id, self.project.name.clone(), self.plan.owner.clone());
        match engine::moving::surroundings(database, id, name, owner, self.strangers()?).await {
            Ok(surroundings) => self.meet(surroundings),
            Err(error) => self.report.note(format!(
                "the database here could not be looked at, so who and what is known here is not told: {error}"
            )),
        }
        self.all(None).await?;
        Ok(self.report)
    }

    /// Brings everything.
    ///
    /// # Errors
    /// The folder cannot be read, the project cannot be made, or the store failed. What was brought stays; another run goes on.
    pub async fn bring(mut self, engine: &Engine) -> Result<Report, Failure> {
        let (id, name, owner) = (self.project.id, self.project.name.clone(), self.plan.owner.clone());
        let surroundings = engine.surroundings(id, name, owner, self.strangers()?).await?;
        self.meet(surroundings);
        self.all(Some(engine)).await?;
        Ok(self.report)
    }

    fn strangers(&self) -> Result<Vec<engine::moving::Stranger>, Failure> {
        Ok(strangers(&self.survey.people, self.folder.read("members")?.as_ref()))
    }

    /// Takes in who and what is here.
    fn meet(&mut self, found: Surroundings) {
        if self.folder.is_begun() {
            self.report.note("a newer fetch was interrupted, so this is what the one before it brought: the same command with --from goes on");
        }
        let ProjectThere { id, name, .. } = &self.project;
        let state = if found.is_here {
            "is here already: what is new there comes, and what changed there of what nobody changed here"
        } else {
            "is not here yet"
        };
        self.report.note(format!("project “{name}” ({id}) {state}; its owner is {}", found.owner_email));
        if found.name_taken && !found.is_here {
            self.report
                .note(format!("another project here is called “{name}”: choose another name with --name"));
        }
        for person in self.survey.people.iter().filter(|id| !found.people.contains_key(*id)) {
            self.report.note_of("people who are nobody here, so that what they wrote is the owner's", person);
        }
        self.people = People { owner: Some(found.owner), known: found.people };
        self.organization = Some(found.organization);
    }

    async fn all(&mut self, engine: Option<&Engine>) -> Result<(), Failure> {
        self.make_project(engine).await?;
        self.answers(engine).await?;
        for stage in [Stage::Untouched, Stage::ActedOn] {
            self.logs(engine, stage).await?;
            if let Some(engine) = engine {
                engine.bring_together(self.project.id).await?;
                self.settle(engine).await?;
            }
            self.reviews(engine, stage).await?;
        }
        self.keys(engine).await
    }

    async fn make_project(&mut self, engine: Option<&Engine>) -> Result<(), Failure> {
        let mut listed = Vec::new();
        self.folder.pages(List::Evals, |items| {
            listed.extend(items);
            Ok(())
        })?;
        let configuration = configuration(&self.project, listed, &mut self.report);
        let (Some(owner), Some(organization)) = (self.people.owner, self.organization) else { return Ok(()) };
        let configured = configuration.clone();
        let (created_at, updated_at) = self.project.dates(self.now);
        let past = PastProject {
            id: self.project.id,
            name: self.project.name.clone(),
            description: self.project.description.clone().unwrap_or_default(),
            configuration,
            created_at,
            updated_at,
            organization,
            owner,
        };
        let outcome = match engine {
            Some(engine) => engine.bring_project(past).await?,
            None => tried(past.check())?,
        };
        match outcome {
            Brought::Refused(why) => {
                Err(format!("the project cannot be made: {why} (--name chooses another name)").into())
            }
            Brought::Now => Ok(()),
            Brought::Before | Brought::Changed | Brought::Kept => {
                let Some(engine) = engine else { return Ok(()) };
                self.note_configuration(engine, &configured).await?;
                self.note_gone(engine).await
            }
        }
    }

    async fn answers(&mut self, engine: Option<&Engine>) -> Result<(), Failure> {
        for answer in std::mem::take(&mut self.survey.answers) {
            let there = match answer {
                Ok(there) => there,
                Err(why) => {
                    self.report.count("answers", "not readable", Brought::Refused(why));
                    continue;
                }
            };
            let past = self.answer(&there);
            let outcome = match engine {
                Some(engine) => engine.bring_answer(self.project.id, past).await?,
                None => tried(past.check())?,
            };
            self.report.count("answers", there.id, outcome);
            self.survey.answers.push(Ok(there));
        }
        Ok(())
    }

    fn answer(&mut self, there: &AnswerThere) -> PastAnswer {
        let status = match there.status.as_deref() {
            Some("ACTIVE" | "ACTIVE_WITH_DRAFT") => AnswerStatus::Active,
            Some("PAUSED") => AnswerStatus::Paused,
            _ => AnswerStatus::Draft,
        };
        if status != AnswerStatus::Draft && there.answer.is_none() {
            self.report.note_of("answers without words, which are drafts here", there.id);
        }
        let [made, answered, edited] = there.dates(self.now);
        let writer = there.answered_by.as_deref().or(there.last_edited_by.as_deref());
        let done = |by: Option<&str>, at| Done { by: self.people.author(by), at };
        PastAnswer {
            id: there.id,
            query: there.query.clone().unwrap_or_default(),
            answer: there.answer.clone(),
            draft: there.draft_answer.clone(),
            status,
            created: done(writer, made),
            answered: done(writer, answered),
            updated: done(there.last_edited_by.as_deref().or(writer), edited),
        }
    }

    async fn logs(&mut self, engine: Option<&Engine>, stage: Stage) -> Result<(), Failure> {
        let mut offset = 0;
        while let Some(items) = self.folder.next_page(List::Logs, offset)? {
            offset += items.len();
            let past = self.past(items, stage);
            let outcomes = match engine {
                Some(engine) => engine.bring_interactions(self.project.id, past).await?,
                None => past
                    .iter()
                    .map(|one| Ok((one.id, tried(one.check(self.now))?)))
                    .collect::<Result<_, Failure>>()?,
            };
            for (id, outcome) in outcomes {
                if outcome == Brought::Now {
                    self.fresh.insert(id);
                }
                self.report.count("interactions", id, outcome);
            }
        }
        Ok(())
    }

    /// The logs of a page whose turn it is.
    fn past(&mut self, items: Vec<Value>, stage: Stage) -> Vec<PastInteraction> {
        let mut past = Vec::new();
        for item in items {
            let log = match read::<LogThere>("log", item) {
                Ok(log) => log,
                Err(why) if stage == Stage::Untouched => {
                    self.report.count("interactions", "not readable", Brought::Refused(why));
                    continue;
                }
                Err(_) => continue,
            };
            let Some(id) = log.id.filter(|_| log.was_acted_on() == (stage == Stage::ActedOn)) else {
                continue;
            };
            self.note_differences(id, &log);
            past.push(interaction(id, log, &self.known));
        }
        past
    }

    /// What the groups of logs were answered with settles what they became here.
    async fn settle(&mut self, engine: &Engine) -> Result<(), Failure> {
        for answer in self.survey.answers.iter().flatten() {
            let Some(all) = answer.issue_id.as_ref().and_then(|group| self.survey.of_groups.get(group))
            else {
                continue;
            };
            let fresh = all.iter().filter(|id| self.fresh.contains(id)).copied().collect();
            let author = self.people.author(answer.answered_by.as_deref());
            engine.settle_by_answer(self.project.id, author, answer.id, all.clone(), fresh).await?;
        }
        Ok(())
    }

    async fn reviews(&mut self, engine: Option<&Engine>, stage: Stage) -> Result<(), Failure> {
        for review in std::mem::take(&mut self.survey.reviews) {
            let there = match review {
                Ok(there) => there,
                Err(why) => {
                    self.report.count("reviews", "not readable", Brought::Refused(why));
                    continue;
                }
            };
            match self.review(&there, stage) {
                // Its turn comes in the next stage.
                None => self.survey.reviews.push(Ok(there)),
                Some(_) if there.is_deleted() => {
                    self.report.note_of("reviews that were taken back there, which are not moved", there.id);
                }
                Some(past) if past.interactions.is_empty() => {
                    self.report.note_of(
                        "reviews whose log is not there, so that nothing says what they are about",
                        there.id,
                    );
                }
                Some(past) => {
                    let outcome = match engine {
                        Some(engine) => engine.bring_review(self.project.id, past).await?,
                        None => tried(past.check())?,
                    };
                    self.report.count("reviews", there.id, outcome);
                }
            }
        }
        Ok(())
    }

    /// The review, if it is its turn. One that was taken back is made on nothing.
    fn review(&self, there: &ReviewThere, stage: Stage) -> Option<PastReview> {
        let interactions = self.survey.made_on.get(&there.id).filter(|_| !there.is_deleted());
        let interactions = interactions.cloned().unwrap_or_default();
        let waits = interactions.iter().any(|id| self.survey.acted_on.contains(id));
        if waits && stage == Stage::Untouched {
            return None;
        }
        let [made, edited] = there.dates(self.now);
        let reviewer = self.survey.reviewers.get(&there.id).or(there.last_edited_by.as_ref());
        let done = |by: Option<&String>, at| Done { by: self.people.author(by.map(String::as_str)), at };
        Some(PastReview {
            id: there.id,
            verdict: there.review_status,
            explanation: there.explanation.clone().filter(|words| !words.trim().is_empty()),
            interactions,
            created: done(reviewer, made),
            updated: done(there.last_edited_by.as_ref().or(reviewer), edited),
        })
    }
}

/// What a check would become when it is done.
pub(super) fn tried(checked: engine::Result<()>) -> Result<Brought, Failure> {
    match checked {
        Ok(()) => Ok(Brought::Now),
        Err(Error::Invalid(invalid)) => Ok(Brought::Refused(invalid.to_string())),
        Err(error) => Err(error.into()),
    }
}
