//! A project's active guidance in memory, and the questions it is for.

use crate::Result;
use crate::answers::quantized;
use crate::applicability::Asking;
use crate::guidance::applicability_of;
use domain::{Applicability, GuidanceId, GuidanceVersionId, ProjectId};
use similarity::answering::PhrasingIndex;
use similarity::language::detect;
use similarity::{Encoder, MODEL, Quantized};
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;
use storage::guidance::{self, GuidancePhrasingRow};
use storage::vectors::{self, VectorOwner};
use storage::{StoreError, Tx, Uid};
use uuid::Uuid;

/// Bytes that a question takes, with its vectors for the two searches and what holds them.
const AROUND: usize = 2000;

/// Everything the AI may be advised now.
#[derive(Default)]
pub(crate) struct Guidance {
    given: HashMap<GuidanceId, Given>,
    phrasings: Vec<GuidancePhrasingRow>,
    vectors: HashMap<Uid, Quantized>,
    questions: OnceLock<Questions>,
}

/// One piece of active guidance.
pub(crate) struct Given {
    pub(crate) version: GuidanceVersionId,
    pub(crate) text: String,
    pub(crate) applicability: Applicability,
}

/// The questions, to be searched.
pub(crate) struct Questions {
    pub(crate) index: PhrasingIndex<Uuid>,
    /// Those in a language the model reads.
    read: HashSet<Uuid>,
}

impl Guidance {
    /// Reads it, with the vectors of its questions. One that is not stored is made when it is first needed.
    pub(crate) fn load(tx: &mut Tx<'_>, project: ProjectId) -> Result<Self> {
        let mut given = HashMap::new();
        for (row, text) in guidance::given(tx, project)? {
            let unversioned = || StoreError::unreadable("guidance", "active, without a version");
            let version = row.live_version_id.ok_or_else(unversioned)?.into();
            let applicability = applicability_of(&row)?;
            given.insert(row.id.into(), Given { version, text, applicability });
        }
        let phrasings = guidance::giving(tx, project)?;
        let owners: Vec<Uuid> = phrasings.iter().map(|row| row.id.0).collect();
        let rows = vectors::of_owners(tx, project, VectorOwner::GuidancePhrasing, MODEL, &owners)?;
        let vectors = rows.iter().filter_map(|row| Some((row.owner_id, quantized(row)?))).collect();
        Ok(Self { given, phrasings, vectors, questions: OnceLock::new() })
    }

    /// About how much memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        let texts = self.given.values().map(|given| given.text.len());
        texts.sum::<usize>() + self.phrasings.len() * AROUND
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// One piece.
    pub(crate) fn get(&self, id: GuidanceId) -> Option<&Given> {
        self.given.get(&id)
    }

    /// Whether one may be given to who asks. `verbatim`: the query is one of its questions, word for word.
    pub(crate) fn applies(&self, id: Uuid, asking: &Asking<'_>, verbatim: bool) -> bool {
        let given = self.given.get(&GuidanceId(id));
        given.is_some_and(|given| given.applicability.applies(asking.asker(), verbatim))
    }

    /// The questions, to be searched.
    pub(crate) fn questions(&self, encoder: &Encoder) -> &Questions {
        self.questions.get_or_init(|| {
            let (mut index, mut read) = (PhrasingIndex::default(), HashSet::new());
            for row in &self.phrasings {
                let made = || Quantized::of(&encoder.embed(&row.text));
                let vector = self.vectors.get(&row.id).cloned().unwrap_or_else(made);
                index.insert(row.id.0, row.guidance_id.0, &row.text, &vector);
                if detect(&row.text).is_read_by_the_model() {
                    read.insert(row.id.0);
                }
            }
            Questions { index, read }
        })
    }
}

impl Questions {
    /// Whether a question can be compared by what it means: the model reads its language.
    pub(crate) fn is_read(&self, phrasing: Uuid) -> bool {
        self.read.contains(&phrasing)
    }
}
