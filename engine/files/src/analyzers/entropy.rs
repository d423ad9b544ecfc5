//! How random a file's content is: entropy, chi-square, mean, a Monte Carlo estimate of pi, serial correlation.

use bro_events::Value;

use super::{FileAnalyzer, FileAnalyzerDef, FileContext};
use crate::events::{ENTROPY_TEST_RESULT, FILE_ENTROPY};

/// Entropy test of a file.
pub const ENTROPY: FileAnalyzerDef = FileAnalyzerDef {
    name: "ENTROPY",
    tag: "Files::ANALYZER_ENTROPY",
    about: "Tests how random a file is",
    new: |_| Ok(Box::<EntropyTest>::default()),
};

/// Bytes that make one point of the Monte Carlo test: three for each coordinate.
const POINT: usize = 6;

/// Running sums of the test; a few hundred counters whatever the size of the file.
pub struct EntropyTest {
    counts: [u64; 256],
    total: u64,
    point: [u8; POINT],
    filled: usize,
    points: u64,
    inside: u64,
    first: u8,
    last: u8,
    products: f64,
    sum: f64,
    squares: f64,
}

impl Default for EntropyTest {
    fn default() -> Self {
        EntropyTest {
            counts: [0; 256],
            total: 0,
            point: [0; POINT],
            filled: 0,
            points: 0,
            inside: 0,
            first: 0,
            last: 0,
            products: 0.0,
            sum: 0.0,
            squares: 0.0,
        }
    }
}

/// What the test found.
#[derive(Debug, PartialEq)]
pub struct EntropyResult {
    /// Bits a byte
    pub entropy: f64,
    /// Chi-square of the distribution of byte values
    pub chi_square: f64,
    /// Mean of the bytes
    pub mean: f64,
    /// Estimate of pi
    pub monte_carlo_pi: f64,
    /// Correlation of a byte with the one before it
    pub serial_correlation: f64,
}

impl EntropyTest {
    /// Takes the next bytes.
    pub fn feed(&mut self, data: &[u8]) {
        for &byte in data {
            let value = f64::from(byte);
            if self.total == 0 {
                self.first = byte;
            } else {
                self.products += f64::from(self.last) * value;
            }
            self.counts[usize::from(byte)] += 1;
            self.total += 1;
            self.last = byte;
            self.sum += value;
            self.squares += value * value;
            self.point[self.filled] = byte;
            self.filled += 1;
            if self.filled == POINT {
                self.filled = 0;
                self.throw();
            }
        }
    }

    /// Counts a point of the unit square and whether it is in the quarter circle.
    fn throw(&mut self) {
        let coordinate = |b: &[u8]| b.iter().fold(0.0, |sum, &byte| sum * 256.0 + f64::from(byte));
        let (x, y) = (coordinate(&self.point[..3]), coordinate(&self.point[3..]));
        let radius = 256f64.powi(3) - 1.0;
        self.points += 1;
        if x * x + y * y <= radius * radius {
            self.inside += 1;
        }
    }

    /// The result so far.
    pub fn result(&self) -> EntropyResult {
        let total = self.total as f64;
        if self.total == 0 {
            return EntropyResult {
                entropy: 0.0,
                chi_square: 0.0,
                mean: 0.0,
                monte_carlo_pi: 0.0,
                serial_correlation: 0.0,
            };
        }
        let expected = total / 256.0;
        let mut entropy = 0.0;
        let mut chi_square = 0.0;
        for &count in &self.counts {
            let count = count as f64;
            chi_square += (count - expected) * (count - expected) / expected;
            if count > 0.0 {
                let share = count / total;
                entropy -= share * share.log2();
            }
        }
        // The sequence is taken as a ring: the first byte follows the last.
        let products = self.products + f64::from(self.last) * f64::from(self.first);
        let spread = total * self.squares - self.sum * self.sum;
        let serial_correlation = if spread == 0.0 {
            -100_000.0
        } else {
            (total * products - self.sum * self.sum) / spread
        };
        let monte_carlo_pi = if self.points == 0 {
            0.0
        } else {
            4.0 * self.inside as f64 / self.points as f64
        };
        EntropyResult {
            entropy,
            chi_square,
            mean: self.sum / total,
            monte_carlo_pi,
            serial_correlation,
        }
    }
}

impl FileAnalyzer for EntropyTest {
    fn deliver_stream(&mut self, _ctx: &mut FileContext<'_>, data: &[u8]) -> bool {
        self.feed(data);
        true
    }

    fn undelivered(&mut self, _ctx: &mut FileContext<'_>, _offset: u64, _len: u64) -> bool {
        false
    }

    fn end_of_file(&mut self, ctx: &mut FileContext<'_>) {
        if self.total == 0 {
            return;
        }
        let r = self.result();
        let fields = [
            r.entropy,
            r.chi_square,
            r.mean,
            r.monte_carlo_pi,
            r.serial_correlation,
        ];
        let record = Value::Record(
            &ENTROPY_TEST_RESULT,
            fields.into_iter().map(Value::Double).collect(),
        );
        ctx.sink.emit(&FILE_ENTROPY, vec![ctx.value(), record]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_values_alike_are_as_random_as_can_be() {
        let mut test = EntropyTest::default();
        let all: Vec<u8> = (0..=255).collect();
        test.feed(&all);
        let result = test.result();
        assert_eq!(
            (result.entropy, result.chi_square, result.mean),
            (8.0, 0.0, 127.5)
        );
    }

    #[test]
    fn one_value_is_not_random() {
        let mut test = EntropyTest::default();
        test.feed(&[65; 100]);
        let result = test.result();
        assert_eq!(
            (result.entropy, result.mean, result.serial_correlation),
            (0.0, 65.0, -100_000.0)
        );
    }
}
