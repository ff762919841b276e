//! Comparing one vector with many. Nothing generic here, so that it is compiled once, optimised, whoever calls.

use crate::embedding::Embedding;
use crate::encoder::DIMENSION;
use crate::network::{dot, to_int8};
use crate::simd::{PANEL_COLUMNS, PANEL_ROWS, Path, SHIFT, per_path, sum_of_products};

/// Rows compared at one go: their sums stay in the first-level cache.
const CHUNK: usize = 128 * PANEL_ROWS;

/// The cosine to each of many unit vectors that lie one after the other.
pub fn cosines(query: &Embedding, directions: &[f32]) -> Vec<f32> {
    all_cosines(Path::detect(), query.as_slice(), directions)
}

/// The scalar product of one vector with each of many of the same length that lie one after the other.
pub fn products(vector: &[f32], rows: &[i16]) -> Vec<f32> {
    all_products(Path::detect(), vector, rows)
}

per_path! {
    fn all_cosines(query: &[f32], directions: &[f32]) -> Vec<f32> {
        let directions = directions.as_chunks::<DIMENSION>().0;
        directions.iter().map(|direction| dot(query, direction)).collect()
    }
}

per_path! {
    fn product(vector: &[f32], row: &[i8]) -> f32 {
        dot(vector, row)
    }
}

per_path! {
    fn all_products(vector: &[f32], rows: &[i16]) -> Vec<f32> {
        rows.chunks_exact(vector.len()).map(|row| dot(vector, row)).collect()
    }
}

/// Many vectors of one length in bytes, to be compared with one.
///
/// Their leading columns, the head, lie in panels of sixteen rows as the matrices of the model do, so that one
/// instruction compares sixteen of them; the tails lie row after row, and are looked at only where the head leaves it open
/// whether the row reaches what is asked for: |tail of a · tail of b| ≤ length · length.
#[derive(Clone)]
pub struct Bank {
    columns: usize,
    head: usize,
    rows: usize,
    panels: Vec<u8>,
    /// What takes the shift of the query's bytes off again, a row; padded to whole panels like the panels.
    initial: Vec<i32>,
    tails: Vec<i8>,
    /// What one step of a row's values is worth.
    scales: Vec<f32>,
    /// The length of a row's tail.
    tail_lengths: Vec<f32>,
}

/// A query in the form of the rows.
struct Query {
    head: Vec<u8>,
    tail: Vec<i8>,
    scale: f32,
    tail_length: f32,
    path: Path,
}

impl Bank {
    /// An empty bank of rows of `columns` bytes, the first `head` of which are compared first.
    ///
    /// # Panics
    /// When `head` is nothing, more than `columns` or not a multiple of four, or `columns` not one of sixteen.
    pub fn new(columns: usize, head: usize) -> Self {
        assert!((1..=columns).contains(&head) && head.is_multiple_of(PANEL_COLUMNS));
        assert!(columns.is_multiple_of(16));
        Self {
            columns,
            head,
            rows: 0,
            panels: Vec::new(),
            initial: Vec::new(),
            tails: Vec::new(),
            scales: Vec::new(),
            tail_lengths: Vec::new(),
        }
    }

    /// Puts a row at the end: component = value · scale.
    pub fn push(&mut self, values: &[i8], scale: f32) {
        assert_eq!(values.len(), self.columns);
        if self.rows.is_multiple_of(PANEL_ROWS) {
            self.panels.resize((self.rows + PANEL_ROWS) * self.head, 0);
            self.initial.resize(self.rows + PANEL_ROWS, 0);
        }
        self.rows += 1;
        let (head, tail) = values.split_at(self.head);
        self.set_head(self.rows - 1, head);
        self.tails.extend_from_slice(tail);
        self.scales.push(scale);
        self.tail_lengths.push(length(tail) * scale);
    }

    /// Takes a row out; the last row takes its place.
    pub fn swap_remove(&mut self, row: usize) {
        let last = self.rows - 1;
        let moved = self.values(last);
        self.set_head(row, &moved[..self.head]);
        self.set_head(last, &vec![0; self.head]);
        let tail = self.columns - self.head;
        self.tails.copy_within(last * tail.., row * tail);
        self.tails.truncate(last * tail);
        self.scales.swap_remove(row);
        self.tail_lengths.swap_remove(row);
        self.rows = last;
        let whole = last.next_multiple_of(PANEL_ROWS);
        self.panels.truncate(whole * self.head);
        self.initial.truncate(whole);
    }

    /// The `count` nearest rows to a query of `columns` floats, best first, equal ones in their order. `keep`: which of
    /// them count at all; only rows that are near are asked about.
    ///
    /// All are compared in bytes; of the four times `count` best those that are kept, twice `count` at least where there are as many,
    /// again with the query in floats, which leaves only the rounding of the rows.
    pub fn nearest(
        &self,
        query: &[f32],
        count: usize,
        keep: Option<&dyn Fn(usize) -> bool>,
    ) -> Vec<(usize, f32)> {
        let (bytes, wanted) = (Query::new(query, self.head), count * 4);
        let mut found = self.nearest_by_bytes(&bytes, wanted, None);
        if let Some(keep) = keep {
            // Mostly most are kept, and asking costs more than comparing.
            let all = found.len() == self.rows;
            found.retain(|&(row, _)| keep(row));
            if found.len() < 2 * count && !all {
                found = self.nearest_by_bytes(&bytes, wanted, Some(keep));
            }
        }
        let mut values = vec![0; self.columns];
        for (row, similarity) in &mut found {
            self.read(*row, &mut values);
            *similarity = product(bytes.path, query, &values) * self.scales[*row];
        }
        found.sort_unstable_by(order);
        found.truncate(count);
        found
    }

    /// The `count` nearest rows, by bytes alone, in no order.
    fn nearest_by_bytes(
        &self,
        query: &Query,
        count: usize,
        keep: Option<&dyn Fn(usize) -> bool>,
    ) -> Vec<(usize, f32)> {
        let (mut found, mut least) = (Vec::with_capacity(count * 2), f32::MIN);
        self.scan(query, least, |row, similarity| {
            if similarity > least && keep.is_none_or(|keep| keep(row)) {
                found.push((row, similarity));
            }
            if found.len() >= (count * 2).max(64) {
                keep_best(&mut found, count);
                least = found.iter().map(|&(_, similarity)| similarity).fold(f32::MAX, f32::min);
            }
            least
        });
        keep_best(&mut found, count);
        found
    }

    /// The nearest row that is at least so near, by bytes alone; none when no row is. The nearer the nothing-near case,
    /// the faster: most rows are dismissed by their heads.
    pub fn nearest_at_least(&self, query: &[f32], least: f32) -> Option<(usize, f32)> {
        let mut best = None;
        self.scan(&Query::new(query, self.head), least, |row, similarity| match best {
            Some((_, known)) if similarity <= known => known,
            None if similarity < least => least,
            _ => {
                best = Some((row, similarity));
                similarity
            }
        });
        best
    }

    /// Whether any row is at least so near, by bytes alone. Ends with the first.
    pub fn reaches(&self, query: &[f32], least: f32) -> bool {
        let mut reached = false;
        self.scan(&Query::new(query, self.head), least, |_, similarity| {
            reached |= similarity >= least;
            if reached { f32::INFINITY } else { least }
        });
        reached
    }

    /// The rows that are at least so near, by bytes alone, in their order.
    pub fn at_least(&self, query: &[f32], least: f32) -> Vec<usize> {
        let mut found = Vec::new();
        self.scan(&Query::new(query, self.head), least, |row, similarity| {
            found.extend((similarity >= least).then_some(row));
            least
        });
        found
    }

    /// How near each row is, by bytes alone.
    pub fn similarities(&self, query: &[f32]) -> Vec<f32> {
        let mut all = Vec::with_capacity(self.rows);
        self.scan(&Query::new(query, self.head), f32::MIN, |_, similarity| {
            all.push(similarity);
            f32::MIN
        });
        all
    }

    /// How near one row is, by bytes alone.
    pub fn similarity_to(&self, query: &[f32], row: usize) -> f32 {
        let Query { tail: whole, scale, path, .. } = Query::new(query, 0);
        path.dot(&whole, &self.values(row)) as f32 * scale * self.scales[row]
    }

    /// Tells `found` every row that may be at least `least` near, in their order, with its similarity; what `found`
    /// returns is asked of the rows after it; infinity ends it.
    fn scan(&self, query: &Query, mut least: f32, mut found: impl FnMut(usize, f32) -> f32) {
        const AT_ONCE: usize = 64;
        let chunk = CHUNK.min(self.initial.len());
        let (mut sums, mut open, mut near) = (vec![0; chunk], vec![0; chunk], [0.0; AT_ONCE]);
        for first in (0..self.rows).step_by(CHUNK) {
            let rows = first..(first + CHUNK).min(self.initial.len());
            let sums = &mut sums[..rows.len()];
            let panels = &self.panels[rows.start * self.head..rows.end * self.head];
            query.path.multiply(self.head, &query.head, panels, &self.initial[rows], sums);
            let left = dismiss(query.path, self, query, first, sums, least, &mut open);
            for rows in open[..left].chunks(AT_ONCE) {
                similarities(query.path, self, query, first, sums, rows, &mut near);
                for (&row, &similarity) in rows.iter().zip(&near) {
                    least = found(row, similarity);
                    if least == f32::INFINITY {
                        return;
                    }
                }
            }
        }
    }

    /// The values of a row and its scale.
    pub fn row(&self, row: usize) -> (Vec<i8>, f32) {
        (self.values(row), self.scales[row])
    }

    fn values(&self, row: usize) -> Vec<i8> {
        let mut values = vec![0; self.columns];
        self.read(row, &mut values);
        values
    }

    /// Reads the values of a row.
    fn read(&self, row: usize, values: &mut [i8]) {
        let (head, tail) = values.split_at_mut(self.head);
        for (group, four) in head.as_chunks_mut::<PANEL_COLUMNS>().0.iter_mut().enumerate() {
            let at = self.group(row, group);
            let bytes: &[u8; PANEL_COLUMNS] = self.panels[at..].first_chunk().expect("a group is whole");
            *four = bytes.map(|byte| byte as i8);
        }
        let length = tail.len();
        tail.copy_from_slice(&self.tails[row * length..][..length]);
    }

    fn set_head(&mut self, row: usize, values: &[i8]) {
        for (group, four) in values.chunks_exact(PANEL_COLUMNS).enumerate() {
            let at = self.group(row, group);
            for (byte, &value) in self.panels[at..].iter_mut().zip(four) {
                *byte = value as u8;
            }
        }
        self.initial[row] = -SHIFT * values.iter().map(|&value| i32::from(value)).sum::<i32>();
    }

    /// Where four columns of a row lie in the panels.
    fn group(&self, row: usize, group: usize) -> usize {
        let panel = row / PANEL_ROWS * PANEL_ROWS * self.head;
        panel + (group * PANEL_ROWS + row % PANEL_ROWS) * PANEL_COLUMNS
    }
}

per_path! {
    /// Puts the rows of a bank from `first` on that may be `least` near by the sums of their heads at the beginning of `open`;
    /// how many they are.
    fn dismiss(
        bank: &Bank, query: &Query, first: usize, sums: &[i32], least: f32, open: &mut [usize],
    ) -> usize {
        const LANES: usize = 16;
        let rows = first..(first + sums.len()).min(bank.rows);
        let (scales, tails) = (&bank.scales[rows.clone()], &bank.tail_lengths[rows]);
        // A little is given away for what the floats round.
        let least = least - 1e-5;
        let most = |at: usize| sums[at] as f32 * query.scale * scales[at] + tails[at] * query.tail_length;
        let mut left = 0;
        for block in (0..scales.len()).step_by(LANES) {
            let block = block..(block + LANES).min(scales.len());
            let mut any = 0u32;
            for at in block.clone() {
                any |= u32::from(most(at) >= least);
            }
            if any != 0 {
                for at in block {
                    open[left] = first + at;
                    left += usize::from(most(at) >= least);
                }
            }
        }
        left
    }
}

per_path! {
    /// How near these rows of a bank are, by bytes; `sums` are of the heads from the row `first` on.
    fn similarities(
        bank: &Bank, query: &Query, first: usize, sums: &[i32], rows: &[usize], near: &mut [f32],
    ) {
        let length = query.tail.len();
        for (&row, near) in rows.iter().zip(near) {
            let tail = sum_of_products(&query.tail, &bank.tails[row * length..][..length]);
            *near = (sums[row - first] + tail) as f32 * query.scale * bank.scales[row];
        }
    }
}

impl Query {
    fn new(query: &[f32], head: usize) -> Self {
        let (values, scale) = to_int8(query);
        let (head, tail) = values.split_at(head);
        Self {
            head: head.iter().map(|&value| (i32::from(value) + SHIFT) as u8).collect(),
            tail: tail.to_vec(),
            scale,
            tail_length: length(tail) * scale,
            path: Path::detect(),
        }
    }
}

fn length(values: &[i8]) -> f32 {
    (values.iter().map(|&value| i32::from(value) * i32::from(value)).sum::<i32>() as f32).sqrt()
}

fn keep_best(found: &mut Vec<(usize, f32)>, count: usize) {
    if found.len() > count {
        found.select_nth_unstable_by(count, order);
        found.truncate(count);
    }
}

fn order(a: &(usize, f32), b: &(usize, f32)) -> std::cmp::Ordering {
    b.1.total_cmp(&a.1).then(a.0.cmp(&b.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Rows = Vec<(Vec<i8>, f32)>;

    fn rows(columns: usize) -> impl Strategy<Value = Rows> {
        let values = proptest::collection::vec(-127i8..=127, columns);
        // Few scales, so that equal similarities are common.
        proptest::collection::vec((values, prop_oneof![Just(0.0002f32), Just(0.0004)]), 1..90)
    }

    fn bank_of(rows: &Rows, columns: usize, head: usize) -> Bank {
        let mut bank = Bank::new(columns, head);
        for (values, scale) in rows {
            bank.push(values, *scale);
        }
        bank
    }

    fn plain(query: &[f32], (values, scale): &(Vec<i8>, f32)) -> f32 {
        query.iter().zip(values).map(|(a, &b)| a * f32::from(b)).sum::<f32>() * scale
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_nearest_come_first_whatever_was_removed(
            rows in rows(32), query in proptest::collection::vec(-1.0f32..1.0, 32), removed in any::<prop::sample::Index>(),
            head in prop_oneof![Just(4usize), Just(16), Just(32)],
        ) {
            let mut rows = rows;
            let mut bank = bank_of(&rows, 32, head);
            let gone = removed.index(rows.len());
            rows.swap_remove(gone);
            bank.swap_remove(gone);
            prop_assert_eq!(bank.rows, rows.len());
            let found = bank.nearest(&query, 5, None);
            prop_assert_eq!(found.len(), rows.len().min(5));
            prop_assert!(found.is_sorted_by(|a, b| order(a, b).is_le()));
            let mut expected: Vec<f32> = rows.iter().map(|row| plain(&query, row)).collect();
            expected.sort_unstable_by(|a, b| b.total_cmp(a));
            for ((row, similarity), expected) in found.into_iter().zip(expected) {
                prop_assert!((similarity - plain(&query, &rows[row])).abs() < 1e-5);
                prop_assert!((similarity - expected).abs() < 5e-3);
            }
        }

        #[test]
        fn what_is_not_kept_counts_for_nothing(
            rows in rows(32), query in proptest::collection::vec(-1.0f32..1.0, 32), gone in 1usize..7,
        ) {
            let bank = bank_of(&rows, 32, 16);
            let keep = |row: usize| row.is_multiple_of(gone);
            let mut all = bank.nearest(&query, rows.len(), None);
            all.retain(|(row, _)| keep(*row));
            let found = bank.nearest(&query, rows.len(), Some(&keep));
            prop_assert_eq!(&found, &all);
            all.truncate(2);
            let found = bank.nearest(&query, 2, Some(&keep));
            prop_assert_eq!(found.len(), all.len());
            for ((_, similarity), (_, expected)) in found.into_iter().zip(all) {
                prop_assert!((similarity - expected).abs() < 5e-3);
            }
        }

        #[test]
        fn heads_never_dismiss_what_is_near_enough(
            rows in rows(64), query in proptest::collection::vec(-1.0f32..1.0, 64), least in -0.1f32..0.6,
        ) {
            let whole = bank_of(&rows, 64, 64).nearest_at_least(&query, least);
            for head in [4, 16, 60] {
                let bank = bank_of(&rows, 64, head);
                prop_assert_eq!(bank.nearest_at_least(&query, least), whole);
                prop_assert_eq!(bank.reaches(&query, least), whole.is_some());
                let near = (0..bank.rows).filter(|&row| bank.similarity_to(&query, row) >= least);
                prop_assert_eq!(bank.at_least(&query, least), near.collect::<Vec<_>>());
                let each: Vec<f32> = (0..bank.rows).map(|row| bank.similarity_to(&query, row)).collect();
                prop_assert_eq!(bank.similarities(&query), each);
            }
            let bytes = Query::new(&query, 0);
            let similarity = |(values, scale): &(Vec<i8>, f32)| {
                Path::Portable.dot(&bytes.tail, values) as f32 * bytes.scale * scale
            };
            let best = rows.iter().map(similarity);
            let best = best.max_by(f32::total_cmp).unwrap();
            prop_assert_eq!(whole.map(|(_, similarity)| similarity), (best >= least).then_some(best));
        }
    }

    #[test]
    fn more_rows_than_a_chunk_are_all_seen() {
        let mut bank = Bank::new(16, 4);
        let values = |row: usize, sixth| [1, (row % 7) as i8, 0, 0, 0, 3, sixth, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        for row in 0..CHUNK * 2 + 21 {
            bank.push(&values(row, 0), 0.01);
        }
        let last = bank.rows;
        bank.push(&values(0, 127), 0.01);
        let mut query = [0.0; 16];
        query[6] = 1.0;
        assert_eq!(bank.nearest(&query, 1, None)[0].0, last);
        assert_eq!(bank.nearest_at_least(&query, 1.0).unwrap().0, last);
        assert_eq!(bank.nearest_at_least(&query, 1.3), None);
    }
}
