//! What a project has been asked before, as a sample of directions: an answer is near to a query only if nothing else
//! the project is asked is nearer. Few answers stand among many questions, and most of those have no answer.

use crate::embedding::Embedding;
use crate::encoder::DIMENSION;
use crate::network::{dot, normalise, to_int8};
use crate::scan::{self, Bank};
use std::cell::OnceCell;
use std::cmp::Ordering;

/// Least cosine at which a query joins a cluster of the sample (measured on BANKING77 and CLINC150).
const WIDTH: f32 = 0.70;
/// A cluster at least so near to an answer's own questions is about the answer, not against it.
const OWN: f32 = 0.75;

/// Queries of a sample that is trusted wholly: the size it was measured with was more than twice this.
const TRUSTED: f32 = 2000.0;

/// Clusters that are looked at before all are: mostly the first or the second is about something else.
const FIRST: usize = 16;
/// No cosine in bytes was so far off (.0003 on average over random directions; .003 where one component is most of it). The more of
/// it, the more queries are compared with all clusters.
const ROUNDING: f32 = 0.005;

/// Clusters of past queries, at most as many as there were queries: 2 kB each.
#[derive(Clone)]
pub struct Traffic {
    directions: Vec<f32>,
    /// The directions in bytes.
    bytes: Bank,
    queries: usize,
}

impl Default for Traffic {
    fn default() -> Self {
        Self { directions: Vec::new(), bytes: Bank::new(DIMENSION, DIMENSION), queries: 0 }
    }
}

impl Traffic {
    /// Clusters a sample of queries in the order given: each joins the nearest cluster within reach, else opens one.
    pub fn of(sample: impl IntoIterator<Item = Embedding>) -> Self {
        let mut clusters = Clusters::default();
        let mut traffic = Self::default();
        for query in sample {
            traffic.queries += 1;
            clusters.take(&query);
        }
        traffic.directions = clusters.directions;
        for direction in traffic.directions.as_chunks::<DIMENSION>().0 {
            let (values, scale) = to_int8(direction);
            traffic.bytes.push(&values, scale);
        }
        traffic
    }

    /// How many clusters there are.
    pub fn len(&self) -> usize {
        self.directions.len() / DIMENSION
    }

    /// How far the sample may speak for an answer, 0 to 1: with few queries known, that nothing else is near says little.
    /// It may always speak against one.
    pub fn trust(&self) -> f32 {
        (self.queries as f32 / TRUSTED).min(1.0)
    }

    /// Whether nothing was sampled yet.
    pub fn is_empty(&self) -> bool {
        self.directions.is_empty()
    }

    /// What the query is near to of it: looked for once, for every answer that is near too.
    pub fn beside<'a>(&'a self, query: &'a Embedding) -> Beside<'a> {
        let found = self.bytes.nearest(query.as_slice(), FIRST, None);
        let hidden = found.len() < self.len();
        let beyond = found.last().filter(|_| hidden).map_or(f32::MIN, |(_, cosine)| cosine + ROUNDING);
        let exactly = |(place, _)| Cluster { place, cosine: dot(query.as_slice(), self.direction(place)) };
        let mut first: Vec<Cluster> = found.into_iter().map(exactly).collect();
        first.sort_unstable_by(nearest_first);
        first.retain(|cluster| cluster.cosine >= beyond);
        Beside { traffic: self, query, first, all: OnceCell::new() }
    }

    fn direction(&self, place: usize) -> &[f32] {
        &self.directions[place * DIMENSION..][..DIMENSION]
    }
}

/// A query among the clusters of a sample.
pub struct Beside<'a> {
    traffic: &'a Traffic,
    query: &'a Embedding,
    /// The clusters nearest to the query, nearest first.
    first: Vec<Cluster>,
    /// All of them, nearest first: looked for where none of the first is about something else.
    all: OnceCell<Vec<Cluster>>,
}

impl Beside<'_> {
    /// How much nearer the query is to an answer's questions, by their centroid, than to anything else the project is
    /// asked; negative when something else is nearer. None when nothing else was ever asked.
    pub fn margin(&self, answer: &Embedding) -> Option<f32> {
        let is_foreign =
            |cluster: &&Cluster| dot(answer.as_slice(), self.traffic.direction(cluster.place)) < OWN;
        let foreign = self.first.iter().find(is_foreign);
        let foreign = foreign.or_else(|| self.all().iter().find(is_foreign))?;
        Some(self.query.cosine(answer) - foreign.cosine)
    }

    fn all(&self) -> &[Cluster] {
        self.all.get_or_init(|| {
            let cosines = scan::cosines(self.query, &self.traffic.directions).into_iter().enumerate();
            let mut all: Vec<Cluster> = cosines.map(|(place, cosine)| Cluster { place, cosine }).collect();
            all.sort_unstable_by(nearest_first);
            all
        })
    }
}

/// A cluster of the sample as a query sees it.
#[derive(Clone, Copy)]
struct Cluster {
    place: usize,
    cosine: f32,
}

fn nearest_first(one: &Cluster, other: &Cluster) -> Ordering {
    other.cosine.total_cmp(&one.cosine).then(one.place.cmp(&other.place))
}

/// The clusters of a sample while it is read.
#[derive(Default)]
struct Clusters {
    /// Of each the sum of its members, one after the other.
    sums: Vec<f32>,
    /// The directions of the sums.
    directions: Vec<f32>,
}

impl Clusters {
    fn take(&mut self, query: &Embedding) {
        let cosines = scan::cosines(query, &self.directions).into_iter().enumerate();
        let nearest = cosines.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        let at = match nearest {
            Some((at, cosine)) if cosine >= WIDTH => at * DIMENSION,
            _ => {
                self.sums.resize(self.sums.len() + DIMENSION, 0.0);
                self.directions.resize(self.sums.len(), 0.0);
                self.sums.len() - DIMENSION
            }
        };
        let sum = &mut self.sums[at..at + DIMENSION];
        for (sum, value) in sum.iter_mut().zip(query.as_slice()) {
            *sum += value;
        }
        let direction = &mut self.directions[at..at + DIMENSION];
        direction.copy_from_slice(sum);
        normalise(direction);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(first: usize, second: usize, share: f32) -> Embedding {
        let mut values = vec![0.0; DIMENSION];
        values[first] += 1.0 - share;
        values[second] += share;
        Embedding::from_f32(values)
    }

    #[test]
    fn a_query_nearer_to_something_else_has_a_negative_margin() {
        let sample = [between(0, 1, 0.05), between(0, 1, 0.1), between(2, 3, 0.0)];
        let traffic = Traffic::of(sample);
        assert_eq!((traffic.len(), traffic.trust()), (2, 3.0 / TRUSTED));
        let answer = between(0, 1, 0.0);
        assert!(traffic.beside(&between(0, 2, 0.1)).margin(&answer).unwrap() > 0.5);
        assert!(traffic.beside(&between(0, 2, 0.9)).margin(&answer).unwrap() < -0.5);
    }

    #[test]
    fn without_other_traffic_there_is_no_margin() {
        let answer = between(0, 1, 0.0);
        assert_eq!(Traffic::default().beside(&answer).margin(&answer), None);
        assert_eq!(Traffic::of([between(0, 1, 0.01)]).beside(&answer).margin(&answer), None);
    }

    #[test]
    fn the_margin_is_to_the_nearest_cluster_that_is_about_something_else() {
        let sample: Vec<Embedding> =
            (1..40).map(|at| between(at % 7, at % 5 + 7, at as f32 / 40.0)).collect();
        let traffic = Traffic::of(sample);
        // Many about the answer itself, before the first that is not.
        let own = (1..40).map(|other| between(0, other, 0.44)).chain([between(50, 51, 0.2)]);
        let own = Traffic::of(own);
        assert_eq!(own.len(), 40);
        let asked = [(&traffic, 0, 9), (&traffic, 3, 11), (&traffic, 6, 7), (&own, 0, 50)];
        for (traffic, first, second) in asked {
            let (query, answer) = (between(first, second, 0.4), between(first, second, 0.2));
            let directions = traffic.directions.chunks_exact(DIMENSION);
            let all = directions.map(|values| Embedding::from_unit(values.to_vec()));
            let foreign = all.filter(|cluster| cluster.cosine(&answer) < OWN);
            let nearest = foreign.map(|cluster| cluster.cosine(&query)).max_by(f32::total_cmp).unwrap();
            let beside = traffic.beside(&query);
            let margin = beside.margin(&answer).unwrap();
            assert_eq!(margin.to_bits(), (query.cosine(&answer) - nearest).to_bits());
            assert_eq!(beside.all.get().is_some(), second == 50);
        }
    }
}
