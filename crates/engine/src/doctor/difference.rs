//! What the doctor tells.

use domain::ProjectId;
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt;
use uuid::Uuid;

/// What became of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It can be set right.
    Found,
    /// It was set right.
    Repaired,
    /// Nothing that is stored tells what is right.
    Lost,
}

/// Something stored that is not what it should be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Whose; none: the database's as a whole.
    pub project_id: Option<ProjectId>,
    /// What kind of thing it is.
    pub of: &'static str,
    /// Which one; none: the database.
    pub id: Option<Uuid>,
    /// Which part of it.
    pub field: String,
    /// What is stored.
    pub stored: Value,
    /// What it should be; null where that cannot be known.
    pub recounted: Value,
    /// What became of it.
    pub outcome: Outcome,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(project) = self.project_id {
            write!(f, "project {project}: ")?;
        }
        write!(f, "{}", self.of)?;
        if let Some(id) = self.id {
            write!(f, " {id}")?;
        }
        write!(f, ": {} is {}", self.field, self.stored)?;
        match self.outcome {
            Outcome::Found => write!(f, ", recounted {}", self.recounted),
            Outcome::Repaired => write!(f, ", recounted {}: repaired", self.recounted),
            Outcome::Lost => f.write_str(": lost"),
        }
    }
}

/// Collects what differs of one thing.
pub(super) struct Differences {
    project_id: ProjectId,
    of: &'static str,
    id: Uuid,
    found: Vec<Difference>,
}

impl Differences {
    pub(super) fn of(of: &'static str, id: Uuid, project_id: ProjectId) -> Self {
        Self { project_id, of, id, found: Vec::new() }
    }

    /// Compares what is stored with what was recounted.
    pub(super) fn compare<T: Serialize + PartialEq>(&mut self, field: &str, stored: T, recounted: T) {
        if stored != recounted {
            self.found(field, json!(stored), json!(recounted));
        }
    }

    /// Something differs that can be set right.
    pub(super) fn found(&mut self, field: &str, stored: Value, recounted: Value) {
        self.tell(field, stored, recounted, Outcome::Found);
    }

    /// Something is not right, and nothing tells what would be.
    pub(super) fn lost(&mut self, field: &str, stored: Value) {
        self.tell(field, stored, Value::Null, Outcome::Lost);
    }

    fn tell(&mut self, field: &str, stored: Value, recounted: Value, outcome: Outcome) {
        let Self { project_id, of, id, .. } = *self;
        let (project_id, id, field) = (Some(project_id), Some(id), field.to_owned());
        self.found.push(Difference { project_id, of, id, field, stored, recounted, outcome });
    }

    pub(super) fn into_vec(self) -> Vec<Difference> {
        self.found
    }
}

/// They were set right, those that could be.
pub(super) fn repaired(mut differences: Vec<Difference>) -> Vec<Difference> {
    for difference in differences.iter_mut().filter(|one| one.outcome == Outcome::Found) {
        difference.outcome = Outcome::Repaired;
    }
    differences
}

/// Whether any of them can be set right.
pub(super) fn repairable(differences: &[Difference]) -> bool {
    differences.iter().any(|one| one.outcome == Outcome::Found)
}
