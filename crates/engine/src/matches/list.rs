//! The list of matches. What waits for an expert's word comes riskiest first.

use super::view::{MatchItem, listed};
use crate::{Engine, Error, Result};
use domain::{
    AnswerId, Confirmation, GuidanceId, InteractionId, MatchId, MatchState, ProjectId, RemediationKind,
    ReviewId, Timestamp,
};
use serde::{Deserialize, Serialize};
use storage::matches::{self, MatchKey, MatchListing, MatchRow, MatchStanding};
use storage::{answers, guidance, reviews};
use utoipa::ToSchema;
use uuid::Uuid;

pub use storage::matches::MatchSort;

/// Which matches, by what they did and what an expert said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatchShow {
    /// A remediation acted, or would have in shadow, and no expert has said whether that was right.
    Unconfirmed,
    /// A remediation nearly acted, and no expert has said whether it should have.
    Suggested,
    /// A remediation acted, whatever experts said.
    Acted,
    /// It would have, in shadow, whatever experts said.
    Shadow,
    /// An expert said that it was right.
    Confirmed,
    /// An expert said that it was wrong.
    Rejected,
}

impl MatchShow {
    /// Whether these wait for an expert's word: the riskiest come first then, if not asked otherwise.
    pub const fn waits(self) -> bool {
        matches!(self, Self::Unconfirmed | Self::Suggested)
    }

    fn standings(self) -> Vec<MatchStanding> {
        use MatchStanding::{Any, Decided, Undecided};
        match self {
            Self::Unconfirmed => vec![Undecided(MatchState::Acted), Undecided(MatchState::Shadow)],
            Self::Suggested => vec![Undecided(MatchState::Suggested)],
            Self::Acted => vec![Any(MatchState::Acted)],
            Self::Shadow => vec![Any(MatchState::Shadow)],
            Self::Confirmed => vec![Decided(Confirmation::Confirmed)],
            Self::Rejected => vec![Decided(Confirmation::Rejected)],
        }
    }
}

/// Which matches; every field that is set narrows it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MatchFilter {
    /// By what they did and what an expert said.
    pub show: Option<MatchShow>,
    /// Of this answer or review.
    pub remediation: Option<Uuid>,
    /// Of answers, or of reviews.
    pub kind: Option<RemediationKind>,
    /// On this interaction.
    pub interaction: Option<InteractionId>,
}

/// A match's place in a list: by what the list is sorted, as a whole number, and its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchPlace(i64, MatchId);

/// One page of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchPage {
    /// In the order asked for.
    pub items: Vec<MatchItem>,
    /// Where the next page begins: after this place. None on the last page.
    pub next: Option<MatchPlace>,
}

impl MatchPlace {
    fn of(row: &MatchRow, sort: MatchSort) -> Self {
        let number = match row.key(sort) {
            // The bits, so that the number comes back as it was, to the last.
            MatchKey::Risk(risk) => risk.to_bits() as i64,
            MatchKey::OccurredAt(at) => at.as_micros(),
        };
        Self(number, row.id.into())
    }

    fn key(self, sort: MatchSort) -> (MatchKey, MatchId) {
        let key = match sort {
            MatchSort::Risk => MatchKey::Risk(f64::from_bits(self.0 as u64)),
            MatchSort::OccurredAt => {
                MatchKey::OccurredAt(Timestamp::from_micros(self.0).unwrap_or(Timestamp::UNIX_EPOCH))
            }
        };
        (key, self.1)
    }
}

impl Engine {
    /// A page of the project's matches. `sort`: if none, riskiest first where they wait for an expert's word, else newest
    /// first. `limit`: items at the most.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub async fn matches(
        &self,
        project: ProjectId,
        filter: MatchFilter,
        sort: Option<MatchSort>,
        after: Option<MatchPlace>,
        limit: u32,
    ) -> Result<MatchPage> {
        let MatchFilter { show, remediation, kind, interaction } = filter;
        let by_default =
            if show.is_some_and(MatchShow::waits) { MatchSort::Risk } else { MatchSort::OccurredAt };
        let sort = sort.unwrap_or(by_default);
        let all = || MatchState::ALL.iter().map(|&state| MatchStanding::Any(state)).collect();
        let listing = MatchListing {
            standings: show.map_or_else(all, MatchShow::standings),
            remediation,
            kind,
            interaction,
            sort,
            after: after.map(|place| place.key(sort)),
            limit: i64::from(limit) + 1,
        };
        let read = self.store().read(move |tx| {
            let mut rows = matches::list(tx, project, &listing)?;
            let more = rows.len() > limit as usize;
            rows.truncate(limit as usize);
            let next = rows.last().filter(|_| more).map(|row| MatchPlace::of(row, sort));
            Ok::<_, Error>(MatchPage { items: listed(tx, project, rows)?, next })
        });
        let page = read.await?;
        Ok(MatchPage { items: self.with_warnings(project, page.items).await?, ..page })
    }

    /// The matches of one answer or review, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn matches_of(
        &self,
        project: ProjectId,
        remediation: Uuid,
        after: Option<MatchPlace>,
        limit: u32,
    ) -> Result<MatchPage> {
        let known = self.store().read(move |tx| {
            Ok::<_, Error>(
                answers::get(tx, project, AnswerId(remediation))?.is_some()
                    || reviews::get(tx, project, ReviewId(remediation))?.is_some()
                    || guidance::get(tx, project, GuidanceId(remediation))?.is_some(),
            )
        });
        if !known.await? {
            return Err(Error::NotFound("remediation"));
        }
        let filter = MatchFilter { remediation: Some(remediation), ..MatchFilter::default() };
        self.matches(project, filter, Some(MatchSort::OccurredAt), after, limit).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_to_the_last_bit() {
        let id = MatchId(Uuid::from_u128(7));
        for risk in [-0.07, 0.0, 0.1 - 0.3, f64::MIN_POSITIVE] {
            let place = MatchPlace(risk.to_bits() as i64, id);
            let json = serde_json::to_string(&place).unwrap();
            let back: MatchPlace = serde_json::from_str(&json).unwrap();
            assert_eq!(back.key(MatchSort::Risk), (MatchKey::Risk(risk), id));
        }
    }
}
