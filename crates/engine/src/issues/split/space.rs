//! Where a split leaves the two issues in the space of meanings.

use super::choice::{Chosen, ONE_BY_ONE, one_by_one, something_came};
use super::{SplitRequest, Splitting, may_be_split};
use crate::answers::quantized;
use crate::history::stored_actor;
use crate::issues::found;
use crate::live::sum_of;
use crate::sources::random;
use crate::validate::grouping_vector;
use crate::{Engine, Error, Result};
use domain::{CentroidId, InteractionId, IssueId, ProjectId, Timestamp};
use similarity::grouping::{CentroidSum, is_word_for_word};
use similarity::{Embedding, MODEL, Quantized};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use storage::issues::{self, CentroidRow, OccurrenceRow};
use storage::vectors::{self, VectorOwner};
use storage::{At, Tx, Uid, interactions};
use uuid::Uuid;

/// Texts embedded in one go on the processor pool.
const EMBEDDED_AT_ONCE: usize = 128;
/// Occurrences, the newest, that give an issue a centroid again when every one that counted in it has left.
const REMAINING: i64 = 1000;

/// What occurrences were placed by.
pub(in crate::issues) struct Vectors(HashMap<Uid, Quantized>);

impl Engine {
    /// The vectors of what may have to be counted out of a centroid one by one. Where one is not stored (it was recorded by an older version), it
    /// is made from the text.
    pub(super) async fn vectors_of(&self, request: SplitRequest) -> Result<Vectors> {
        let project = request.project;
        let read = self.store().read(move |tx| -> Result<_> {
            let issue = found(tx, project, request.id)?;
            may_be_split(&issue, request.expected)?;
            let chosen = request.choice.of(tx, project, &issue)?;
            let came = issues::counted_apart(tx, project, issue.id.into(), &chosen.parts, ONE_BY_ONE + 1)?;
            one_by_one(&came)?;
            let mut rows: Vec<OccurrenceRow> = chosen.rows.into_iter().chain(came).collect();
            rows.retain(|row| row.centroid_id.is_some());
            let Vectors(known) = Vectors::stored(tx, project, &rows)?;
            let missing: Vec<InteractionId> = missing(&known, &rows).map(Into::into).collect();
            let texts = interactions::texts(tx, project, &missing)?;
            Ok((known, texts))
        });
        let (mut known, mut texts) = read.await?;
        while !texts.is_empty() {
            let rest = texts.split_off(texts.len().min(EMBEDDED_AT_ONCE));
            let encoder = Arc::clone(&self.shared.encoder);
            let embed = move || -> Vec<(Uid, Quantized)> {
                texts.iter().map(|one| (one.interaction_id, grouping_vector(&encoder, one))).collect()
            };
            known.extend(self.shared.cpu.run(embed).await?);
            texts = rest;
        }
        Ok(Vectors(known))
    }
}

fn missing<'a>(
    known: &'a HashMap<Uid, Quantized>,
    rows: &'a [OccurrenceRow],
) -> impl Iterator<Item = Uid> + 'a {
    rows.iter().map(|row| row.interaction_id).filter(|id| !known.contains_key(id))
}

impl Vectors {
    /// Those that are stored.
    pub(in crate::issues) fn stored(
        tx: &mut Tx<'_>,
        project: ProjectId,
        rows: &[OccurrenceRow],
    ) -> Result<Self> {
        let owners: Vec<Uuid> = rows.iter().map(|row| row.interaction_id.0).collect();
        let rows = vectors::of_owners(tx, project, VectorOwner::Occurrence, MODEL, &owners)?;
        Ok(Self(rows.iter().filter_map(|row| Some((row.owner_id, quantized(row)?))).collect()))
    }

    /// With those of occurrences that came since they were read; all are there.
    pub(super) fn complete(
        &self,
        tx: &mut Tx<'_>,
        project: ProjectId,
        rows: &[OccurrenceRow],
    ) -> Result<Self> {
        let mut known = self.0.clone();
        let late: Vec<OccurrenceRow> =
            rows.iter().filter(|row| !known.contains_key(&row.interaction_id)).cloned().collect();
        known.extend(Self::stored(tx, project, &late)?.0);
        if missing(&known, rows).next().is_some() {
            let detail = "the issue changed while it was split: try again";
            return Err(Error::conflict("issue_changed", detail));
        }
        Ok(Self(known))
    }

    /// Moves what was chosen to the new issue, with the centroids it counts in. A centroid in which nothing else counts goes along as it is; of the
    /// others each loses what leaves, and that makes one of the new issue: what was asked in different ways stays in different places. What counts
    /// in none, as what a remediation caught, moves no centroid; only where nothing else moves it gives the new issue its place.
    pub(super) fn part(
        &self,
        tx: &mut Tx<'_>,
        splitting: Splitting,
        (old, new): (IssueId, IssueId),
        centroids: &[CentroidRow],
        chosen: &Chosen,
    ) -> Result<()> {
        let Splitting { project, actor, now, .. } = splitting;
        let by = stored_actor(actor);
        if !chosen.parts.is_empty() {
            issues::take_back(tx, project, (old, new), &chosen.parts, &by, now)?;
            something_came(issues::counted(tx, project, new)?.all)?;
        }
        issues::move_these(tx, project, &ids(&chosen.rows), (old, new), &by, now)?;
        issues::phrasings_follow(tx, project, old, new)?;
        let moved = issues::counted_elsewhere(tx, project, new, ONE_BY_ONE + 1)?;
        one_by_one(&moved)?;
        let (whole, rest) = parted(centroids, moved);
        for centroid in whole {
            issues::update_centroid(tx, &given(centroid, new, now))?;
        }
        self.complete(tx, project, &rest)?.count_out(tx, (project, new), centroids, &rest, now)?;
        for issue in [old, new] {
            if !issues::lock_centroids_of(tx, project, &[issue])?.iter().any(|centroid| centroid.members > 0)
            {
                again(tx, project, issue, now)?;
            }
        }
        Ok(())
    }

    /// Takes the moved ones out of the centroids they count in, and makes a centroid of the new issue of what was in each.
    fn count_out(
        &self,
        tx: &mut Tx<'_>,
        (project, new): (ProjectId, IssueId),
        centroids: &[CentroidRow],
        moved: &[OccurrenceRow],
        now: Timestamp,
    ) -> Result<()> {
        for centroid in centroids {
            let row = self.without(centroid, moved, now)?;
            row.map_or(Ok(()), |row| issues::update_centroid(tx, &row))?;
        }
        for alike in self.alike(moved) {
            let centroid = self.new_centroid(tx, (project, new), &alike, now)?;
            issues::count_in(tx, project, &ids(alike), centroid)?;
        }
        Ok(())
    }

    /// The centroid without the moved ones that count in it; none if none of them does. When nothing is left in it, it is gone.
    pub(in crate::issues) fn without(
        &self,
        centroid: &CentroidRow,
        moved: &[OccurrenceRow],
        now: Timestamp,
    ) -> Result<Option<CentroidRow>> {
        let counted: Vec<Embedding> = moved
            .iter()
            .filter(|row| row.centroid_id == Some(centroid.id))
            .filter_map(|row| self.of(row))
            .collect();
        if counted.is_empty() || centroid.members == 0 {
            return Ok(None);
        }
        let mut sum = sum_of(centroid)?;
        for member in &counted {
            sum.remove(member);
        }
        let members = i64::from(sum.members());
        let vector = if members > 0 { sum.to_bytes() } else { Vec::new() };
        let revision = centroid.revision + 1;
        Ok(Some(CentroidRow { members, vector, revision, updated_at: At(now), ..centroid.clone() }))
    }

    /// The occurrences that make a centroid together: those that counted in the same one, and of these those that are
    /// compared by meaning, and those of each text that is compared word for word.
    fn alike<'a>(&self, rows: &'a [OccurrenceRow]) -> Vec<Vec<&'a OccurrenceRow>> {
        type Place<'v> = (Option<Uid>, Option<&'v [i8]>);
        let mut alike: BTreeMap<Place<'_>, Vec<&OccurrenceRow>> = BTreeMap::new();
        for row in rows {
            let vector = self.0.get(&row.interaction_id);
            let text = vector.filter(|vector| is_word_for_word(&vector.embedding()));
            let text = text.map(|vector| vector.values.as_slice());
            alike.entry((row.centroid_id, text)).or_default().push(row);
        }
        alike.into_values().collect()
    }

    /// Stores a centroid of an issue: the sum of the vectors of these occurrences.
    fn new_centroid(
        &self,
        tx: &mut Tx<'_>,
        (project, issue): (ProjectId, IssueId),
        rows: &[&OccurrenceRow],
        now: Timestamp,
    ) -> Result<CentroidId> {
        let id = CentroidId::new(now, random());
        let sum = self.sum(rows).ok_or_else(|| Error::Internal("a centroid of nothing".to_owned()))?;
        let row = CentroidRow {
            id: id.into(),
            project_id: project.into(),
            issue_id: issue.into(),
            model: MODEL.to_owned(),
            dimension: similarity::DIMENSION as i64,
            scale: 1.0,
            members: i64::from(sum.members()),
            vector: sum.to_bytes(),
            revision: 1,
            updated_at: At(now),
            home_issue_id: None,
        };
        issues::insert_centroid(tx, &row)?;
        Ok(id)
    }

    fn of(&self, row: &OccurrenceRow) -> Option<Embedding> {
        self.0.get(&row.interaction_id).map(Quantized::embedding)
    }

    /// The sum of their vectors, of those that have one; none when none has.
    fn sum(&self, rows: &[&OccurrenceRow]) -> Option<CentroidSum> {
        let mut vectors = rows.iter().filter_map(|row| self.of(row));
        let first = CentroidSum::of(&vectors.next()?);
        Some(vectors.fold(first, |mut sum, vector| {
            sum.add(&vector);
            sum
        }))
    }
}

/// Gives an issue a centroid again: everything that counted in one has left, and what remediations caught is still there. What was recorded by
/// an older version has no vector and does not count.
pub(crate) fn again(tx: &mut Tx<'_>, project: ProjectId, issue: IssueId, now: Timestamp) -> Result<()> {
    let mut rows = issues::newest_occurrences(tx, project, issue, REMAINING)?;
    let vectors = Vectors::stored(tx, project, &rows)?;
    rows.retain(|row| vectors.of(row).is_some());
    for alike in vectors.alike(&rows) {
        let centroid = vectors.new_centroid(tx, (project, issue), &alike, now)?;
        issues::count_in(tx, project, &ids(alike), centroid)?;
    }
    Ok(())
}

/// The centroids in which only what moved counts, and the moved ones that count in others.
fn parted(centroids: &[CentroidRow], moved: Vec<OccurrenceRow>) -> (Vec<&CentroidRow>, Vec<OccurrenceRow>) {
    let mut counts: HashMap<Uid, i64> = HashMap::new();
    for id in moved.iter().filter_map(|row| row.centroid_id) {
        *counts.entry(id).or_default() += 1;
    }
    let is_whole = |centroid: &&CentroidRow| counts.get(&centroid.id) == Some(&centroid.members);
    let whole: Vec<&CentroidRow> = centroids.iter().filter(is_whole).collect();
    let stays = |row: &OccurrenceRow| whole.iter().all(|centroid| row.centroid_id != Some(centroid.id));
    let rest = moved.into_iter().filter(stays).collect();
    (whole, rest)
}

/// The centroid as it is another issue's own.
fn given(centroid: &CentroidRow, to: IssueId, now: Timestamp) -> CentroidRow {
    let revision = centroid.revision + 1;
    let to = to.into();
    CentroidRow { issue_id: to, home_issue_id: None, revision, updated_at: At(now), ..centroid.clone() }
}

fn ids<'a>(rows: impl IntoIterator<Item = &'a OccurrenceRow>) -> Vec<Uid> {
    rows.into_iter().map(|row| row.interaction_id).collect()
}
