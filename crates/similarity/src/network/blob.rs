//! Reading the embedded weights; the scripts that pack them document their layout.

/// Puts a file where a 64-byte load does not cross two cache lines.
#[repr(C, align(64))]
pub struct Aligned<T: ?Sized>(pub T);

const ALIGNMENT: usize = 64;

/// A position in the weights: arrays are taken one after the other.
pub struct Blob {
    rest: &'static [u8],
}

impl Blob {
    /// Stands at the first array of weights that begin with this header.
    ///
    /// # Panics
    /// When they begin with another one.
    pub fn open(weights: &'static Aligned<[u8]>, header: &[u8]) -> Self {
        let mut blob = Self { rest: &weights.0 };
        assert!(blob.bytes(ALIGNMENT).starts_with(header), "the weights are of another format");
        blob
    }

    /// Takes the next `count` bytes, and the padding after them.
    pub fn bytes(&mut self, count: usize) -> &'static [u8] {
        let (taken, rest) = self.rest.split_at(count);
        self.rest = &rest[count.next_multiple_of(ALIGNMENT) - count..];
        taken
    }

    /// Takes the next `count` floats.
    pub fn floats(&mut self, count: usize) -> Vec<f32> {
        self.words(count).map(f32::from_le_bytes).collect()
    }

    /// Takes the next `count` integers.
    pub fn integers(&mut self, count: usize) -> Vec<i32> {
        self.words(count).map(i32::from_le_bytes).collect()
    }

    /// Whether everything was taken.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    fn words(&mut self, count: usize) -> impl Iterator<Item = [u8; 4]> + use<> {
        let bytes = self.bytes(count * 4);
        bytes.as_chunks().0.iter().copied()
    }
}
