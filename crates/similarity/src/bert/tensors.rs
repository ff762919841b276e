//! The safetensors format: a header in JSON, then numbers.

use super::fields::{BadModel, json};
use serde_json::Value;

const FILE: &str = "model.safetensors";
/// Before some files' names: saved together with a head for another task.
const PREFIXES: [&str; 2] = ["", "bert."];

/// The named tensors of a file.
pub struct Tensors<'a> {
    header: Value,
    data: &'a [u8],
    prefix: &'static str,
}

fn bad(what: impl Into<String>) -> BadModel {
    BadModel { file: FILE, what: what.into() }
}

impl<'a> Tensors<'a> {
    /// Reads the header: its length in eight bytes, then itself.
    pub fn open(bytes: &'a [u8]) -> Result<Self, BadModel> {
        let short = || bad("it ends within its header");
        let (length, rest) = bytes.split_first_chunk().ok_or_else(short)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| short())?;
        let (header, data) = rest.split_at_checked(length).ok_or_else(short)?;
        let header = str::from_utf8(header).map_err(|_| bad("its header is not UTF-8"))?;
        let header = json(FILE, header)?;
        let words = |prefix: &&str| header.get(format!("{prefix}{WORDS}")).is_some();
        let prefix = PREFIXES.into_iter().find(words).unwrap_or_default();
        Ok(Self { header, data, prefix })
    }

    /// The numbers of a tensor of this shape, as floats.
    pub fn floats(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, BadModel> {
        let name = format!("{}{name}", self.prefix);
        let entry = self.header.get(&name).ok_or_else(|| bad(format!("tensor {name} is missing")))?;
        if entry["shape"] != serde_json::json!(shape) {
            let found = &entry["shape"];
            return Err(bad(format!(
                "tensor {name} has the shape {found}, expected {shape:?} by config.json"
            )));
        }
        let kind = entry["dtype"].as_str().unwrap_or_default();
        let (size, read): (usize, fn(&[u8]) -> f32) = match kind {
            "F32" => (4, |bytes| bytes.try_into().map_or(f32::NAN, f32::from_le_bytes)),
            "F16" => (2, |bytes| bytes.try_into().map_or(f32::NAN, |bytes| half(u16::from_le_bytes(bytes)))),
            "BF16" => {
                (2, |bytes| bytes.try_into().map_or(f32::NAN, |bytes| brain(u16::from_le_bytes(bytes))))
            }
            _ => {
                return Err(bad(format!(
                    "tensor {name} is of type {kind}; what can be read: F32, F16, BF16"
                )));
            }
        };
        let at = |end: usize| entry["data_offsets"][end].as_u64().and_then(|at| usize::try_from(at).ok());
        let bytes = at(0).zip(at(1)).and_then(|(from, to)| self.data.get(from..to));
        let bytes = bytes.filter(|bytes| bytes.len() == size * shape.iter().product::<usize>());
        let bytes = bytes.ok_or_else(|| bad(format!("the data of tensor {name} is not all there")))?;
        let floats: Vec<f32> = bytes.chunks_exact(size).map(read).collect();
        if floats.iter().any(|value| !value.is_finite()) {
            return Err(bad(format!("tensor {name} holds what is no number")));
        }
        Ok(floats)
    }
}

/// The tensor every file has.
pub const WORDS: &str = "embeddings.word_embeddings.weight";

/// A 16-bit float of IEEE 754: 5 bits of exponent, 10 of fraction.
fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023) / 1024.0);
    sign * match exponent {
        0 => fraction * 2f32.powi(-14),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction) * 2f32.powi(exponent - 15),
    }
}

/// The upper half of a 32-bit float.
fn brain(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
    }

    #[test]
    fn halves_are_read_as_they_are_defined() {
        let known = [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x3555, 0.333_251_95),
            (0x0001, 5.960_464_5e-8),
            (0x7bff, 65504.0),
        ];
        for (bits, value) in known {
            assert!((half(bits) - value).abs() <= value.abs() * 1e-7, "{bits:x}");
        }
        assert!(half(0x7c00).is_infinite() && half(0x7e00).is_nan());
        assert!((brain(0xc040) + 3.0).abs() < f32::EPSILON);
    }

    #[test]
    fn numbers_of_each_type_are_read() {
        let header = r#"{"bert.embeddings.word_embeddings.weight": {"dtype": "F16", "shape": [1], "data_offsets": [0, 2]},
            "bert.a": {"dtype": "F32", "shape": [2, 1], "data_offsets": [2, 10]},
            "bert.b": {"dtype": "BF16", "shape": [1], "data_offsets": [10, 12]}}"#;
        let data =
            [&[0, 0x3c], 1.5f32.to_le_bytes().as_slice(), &(-2f32).to_le_bytes(), &[0x40, 0xc0]].concat();
        let file = file(header, &data);
        let tensors = Tensors::open(&file).unwrap();
        assert_eq!(tensors.floats(WORDS, &[1]), Ok(vec![1.0]));
        assert_eq!(tensors.floats("a", &[2, 1]), Ok(vec![1.5, -2.0]));
        assert_eq!(tensors.floats("b", &[1]), Ok(vec![-3.0]));
    }

    #[test]
    fn faults_name_the_tensor() {
        let header = r#"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
            "b": {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]},
            "c": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}"#;
        let file = file(header, &f32::NAN.to_le_bytes());
        let tensors = Tensors::open(&file).unwrap();
        for (name, shape, says) in [
            ("d", [1], "tensor d is missing"),
            ("a", [3], "tensor a has the shape [1], expected [3] by config.json"),
            ("a", [1], "tensor a holds what is no number"),
            ("b", [1], "tensor b is of type I64; what can be read: F32, F16, BF16"),
            ("c", [2], "the data of tensor c is not all there"),
        ] {
            assert_eq!(tensors.floats(name, &shape).unwrap_err().what, says);
        }
        for short in [&b"abc"[..], &[255; 8], &[9, 0, 0, 0, 0, 0, 0, 0, b'{']] {
            assert_eq!(Tensors::open(short).err().unwrap().what, "it ends within its header");
        }
    }
}
