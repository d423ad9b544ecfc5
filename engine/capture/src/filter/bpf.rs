//! The classic BSD packet filter machine (McCanne and Jacobson 1993): checks a program once, then runs it on packets.
//!
//! Jumps only go forward, so a run takes at most as many steps as the program has instructions.  A load beyond the
//! captured bytes, or a division by zero, ends the run and rejects the packet.

use thiserror::Error;

/// Words of scratch memory.
const MEMORY_WORDS: usize = 16;

/// Longest program.  What libpcap compiles from the longest expressions of practice has a few thousand instructions; the
/// kernel takes 4096.
const MAX_INSTRUCTIONS: usize = 65_536;

/// One instruction as compilers and the kernel know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// Operation code.
    pub code: u16,
    /// Instructions to skip if a comparison holds.
    pub jump_true: u8,
    /// Instructions to skip if it does not.
    pub jump_false: u8,
    /// Operand.
    pub k: u32,
}

/// Why a program is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProgramError {
    /// It has no instructions.
    #[error("the filter program is empty")]
    Empty,
    /// It has more instructions than the limit of 65,536.
    #[error("the filter program has {0} instructions, more than the limit of {MAX_INSTRUCTIONS}")]
    TooLong(usize),
    /// An operation code that does not exist.
    #[error("the filter program has an unknown operation {code:#06x} at instruction {at}")]
    UnknownOperation {
        /// Number of the instruction, from 0.
        at: usize,
        /// Its operation code.
        code: u16,
    },
    /// A jump out of the program.
    #[error("the filter program jumps out of itself at instruction {at}")]
    BadJump {
        /// Number of the instruction, from 0.
        at: usize,
    },
    /// Scratch memory that does not exist.
    #[error("the filter program uses memory word {word} at instruction {at}, there are {MEMORY_WORDS}")]
    BadMemory {
        /// Number of the instruction, from 0.
        at: usize,
        /// Number of the word.
        word: u32,
    },
    /// A division by the constant 0.
    #[error("the filter program divides by zero at instruction {at}")]
    DivisionByZero {
        /// Number of the instruction, from 0.
        at: usize,
    },
    /// The last instruction is not a return, so that a run could leave the program.
    #[error("the filter program does not end with a return")]
    NoReturn,
}

#[derive(Clone, Copy, Debug)]
enum Size {
    Word,
    Half,
    Byte,
}

#[derive(Clone, Copy, Debug)]
enum Operand {
    Constant(u32),
    IndexRegister,
}

#[derive(Clone, Copy, Debug)]
enum Arithmetic {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRight,
}

#[derive(Clone, Copy, Debug)]
enum Comparison {
    Equal,
    Greater,
    GreaterOrEqual,
    AnyBit,
}

/// A checked instruction.  A is the accumulator, X the index register.
#[derive(Clone, Copy, Debug)]
enum Operation {
    LoadPacket(Size, u32),
    LoadPacketIndexed(Size, u32),
    LoadConstant(u32),
    LoadLength,
    LoadMemory(usize),
    LoadIndexConstant(u32),
    LoadIndexLength,
    LoadIndexMemory(usize),
    /// X becomes four times the low four bits of a byte: the length of an IPv4 header.
    LoadIndexHeaderLength(u32),
    Store(usize),
    StoreIndex(usize),
    Compute(Arithmetic, Operand),
    Negate,
    /// To an instruction, counted from the start.
    Jump(usize),
    JumpIf(Comparison, Operand, u8, u8),
    ReturnConstant(u32),
    ReturnAccumulator,
    IndexFromAccumulator,
    AccumulatorFromIndex,
}

/// A checked filter program.
#[derive(Clone, Debug)]
pub struct Program {
    instructions: Vec<Instruction>,
    operations: Vec<Operation>,
}

impl Program {
    /// Checks a program: operation codes, jumps, memory, division by zero, and that it ends with a return.
    pub fn new(instructions: Vec<Instruction>) -> Result<Self, ProgramError> {
        if instructions.is_empty() {
            return Err(ProgramError::Empty);
        }
        if instructions.len() > MAX_INSTRUCTIONS {
            return Err(ProgramError::TooLong(instructions.len()));
        }
        let operations: Vec<Operation> = instructions
            .iter()
            .enumerate()
            .map(|(at, i)| check(*i, at, instructions.len()))
            .collect::<Result<_, _>>()?;
        match operations.last() {
            Some(Operation::ReturnConstant(_) | Operation::ReturnAccumulator) => Ok(Self {
                instructions,
                operations,
            }),
            _ => Err(ProgramError::NoReturn),
        }
    }

    /// The program that accepts the first `snaplen` bytes of every packet.
    pub fn accept_all(snaplen: u32) -> Self {
        Self {
            instructions: vec![Instruction {
                code: 0x06,
                jump_true: 0,
                jump_false: 0,
                k: snaplen,
            }],
            operations: vec![Operation::ReturnConstant(snaplen)],
        }
    }

    /// The program that accepts no packet.
    pub fn reject_all() -> Self {
        Self::accept_all(0)
    }

    /// The instructions, for attaching them to a socket.
    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }

    /// Runs the program on a packet and returns how many bytes of it to keep: 0 rejects it.
    ///
    /// `original_len` is the length of the packet on the link, `captured` what there is of it.
    pub fn run(&self, captured: &[u8], original_len: u32) -> u32 {
        self.try_run(captured, original_len).unwrap_or(0)
    }

    /// None when something beyond the packet is loaded or the packet makes it divide by zero.
    fn try_run(&self, packet: &[u8], original_len: u32) -> Option<u32> {
        let mut a = 0u32;
        let mut x = 0u32;
        let mut memory = [0u32; MEMORY_WORDS];
        let mut at = 0usize;
        loop {
            let operation = self.operations.get(at)?;
            at += 1;
            match *operation {
                Operation::LoadPacket(size, offset) => a = load(packet, offset, size)?,
                Operation::LoadPacketIndexed(size, offset) => a = load(packet, x.checked_add(offset)?, size)?,
                Operation::LoadConstant(k) => a = k,
                Operation::LoadLength => a = original_len,
                Operation::LoadMemory(word) => a = *memory.get(word)?,
                Operation::LoadIndexConstant(k) => x = k,
                Operation::LoadIndexLength => x = original_len,
                Operation::LoadIndexMemory(word) => x = *memory.get(word)?,
                Operation::LoadIndexHeaderLength(offset) => {
                    x = (load(packet, offset, Size::Byte)? & 0x0f) << 2
                }
                Operation::Store(word) => *memory.get_mut(word)? = a,
                Operation::StoreIndex(word) => *memory.get_mut(word)? = x,
                Operation::Compute(arithmetic, operand) => a = compute(arithmetic, a, value(operand, x))?,
                Operation::Negate => a = a.wrapping_neg(),
                Operation::Jump(target) => at = target,
                Operation::JumpIf(comparison, operand, yes, no) => {
                    let k = value(operand, x);
                    let holds = match comparison {
                        Comparison::Equal => a == k,
                        Comparison::Greater => a > k,
                        Comparison::GreaterOrEqual => a >= k,
                        Comparison::AnyBit => a & k != 0,
                    };
                    at += usize::from(if holds { yes } else { no });
                }
                Operation::ReturnConstant(k) => return Some(k),
                Operation::ReturnAccumulator => return Some(a),
                Operation::IndexFromAccumulator => x = a,
                Operation::AccumulatorFromIndex => a = x,
            }
        }
    }
}

#[inline]
fn value(operand: Operand, x: u32) -> u32 {
    match operand {
        Operand::Constant(k) => k,
        Operand::IndexRegister => x,
    }
}

#[inline]
fn load(packet: &[u8], offset: u32, size: Size) -> Option<u32> {
    let from = packet.get(usize::try_from(offset).ok()?..)?;
    Some(match size {
        Size::Word => u32::from_be_bytes(*from.first_chunk()?),
        Size::Half => u32::from(u16::from_be_bytes(*from.first_chunk()?)),
        Size::Byte => u32::from(*from.first()?),
    })
}

#[inline]
fn compute(arithmetic: Arithmetic, a: u32, b: u32) -> Option<u32> {
    Some(match arithmetic {
        Arithmetic::Add => a.wrapping_add(b),
        Arithmetic::Sub => a.wrapping_sub(b),
        Arithmetic::Mul => a.wrapping_mul(b),
        Arithmetic::Div => a.checked_div(b)?,
        Arithmetic::Mod => a.checked_rem(b)?,
        Arithmetic::And => a & b,
        Arithmetic::Or => a | b,
        Arithmetic::Xor => a ^ b,
        Arithmetic::ShiftLeft => a.checked_shl(b).unwrap_or(0),
        Arithmetic::ShiftRight => a.checked_shr(b).unwrap_or(0),
    })
}

/// Decodes the instruction at place `at` of `len`.  The codes are those of the original filter machine: the class in the
/// low three bits; size and mode, or operation and operand, above.
fn check(instruction: Instruction, at: usize, len: usize) -> Result<Operation, ProgramError> {
    let Instruction {
        code,
        jump_true,
        jump_false,
        k,
    } = instruction;
    let memory = || match usize::try_from(k) {
        Ok(word) if word < MEMORY_WORDS => Ok(word),
        _ => Err(ProgramError::BadMemory { at, word: k }),
    };
    let operand = if code & 0x08 == 0 {
        Operand::Constant(k)
    } else {
        Operand::IndexRegister
    };
    Ok(match code {
        0x20 => Operation::LoadPacket(Size::Word, k),
        0x28 => Operation::LoadPacket(Size::Half, k),
        0x30 => Operation::LoadPacket(Size::Byte, k),
        0x40 => Operation::LoadPacketIndexed(Size::Word, k),
        0x48 => Operation::LoadPacketIndexed(Size::Half, k),
        0x50 => Operation::LoadPacketIndexed(Size::Byte, k),
        0x00 => Operation::LoadConstant(k),
        0x80 => Operation::LoadLength,
        0x60 => Operation::LoadMemory(memory()?),
        0x01 => Operation::LoadIndexConstant(k),
        0x81 => Operation::LoadIndexLength,
        0x61 => Operation::LoadIndexMemory(memory()?),
        0xb1 => Operation::LoadIndexHeaderLength(k),
        0x02 => Operation::Store(memory()?),
        0x03 => Operation::StoreIndex(memory()?),
        0x84 => Operation::Negate,
        0x34 | 0x94 if k == 0 => return Err(ProgramError::DivisionByZero { at }),
        0x04 | 0x0c => Operation::Compute(Arithmetic::Add, operand),
        0x14 | 0x1c => Operation::Compute(Arithmetic::Sub, operand),
        0x24 | 0x2c => Operation::Compute(Arithmetic::Mul, operand),
        0x34 | 0x3c => Operation::Compute(Arithmetic::Div, operand),
        0x44 | 0x4c => Operation::Compute(Arithmetic::Or, operand),
        0x54 | 0x5c => Operation::Compute(Arithmetic::And, operand),
        0x64 | 0x6c => Operation::Compute(Arithmetic::ShiftLeft, operand),
        0x74 | 0x7c => Operation::Compute(Arithmetic::ShiftRight, operand),
        0x94 | 0x9c => Operation::Compute(Arithmetic::Mod, operand),
        0xa4 | 0xac => Operation::Compute(Arithmetic::Xor, operand),
        0x05 => {
            // Forward, as the offset is not negative.
            let target = usize::try_from(k).ok().and_then(|k| (at + 1).checked_add(k));
            Operation::Jump(target.filter(|t| *t < len).ok_or(ProgramError::BadJump { at })?)
        }
        0x15 | 0x1d | 0x25 | 0x2d | 0x35 | 0x3d | 0x45 | 0x4d => {
            let furthest = at + 1 + usize::from(jump_true.max(jump_false));
            if furthest >= len {
                return Err(ProgramError::BadJump { at });
            }
            let comparison = match code & 0xf0 {
                0x10 => Comparison::Equal,
                0x20 => Comparison::Greater,
                0x30 => Comparison::GreaterOrEqual,
                _ => Comparison::AnyBit,
            };
            Operation::JumpIf(comparison, operand, jump_true, jump_false)
        }
        0x06 => Operation::ReturnConstant(k),
        0x16 => Operation::ReturnAccumulator,
        0x07 => Operation::IndexFromAccumulator,
        0x87 => Operation::AccumulatorFromIndex,
        _ => return Err(ProgramError::UnknownOperation { at, code }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ins(code: u16, jump_true: u8, jump_false: u8, k: u32) -> Instruction {
        Instruction {
            code,
            jump_true,
            jump_false,
            k,
        }
    }

    fn run(instructions: &[Instruction], packet: &[u8]) -> u32 {
        Program::new(instructions.to_vec())
            .unwrap()
            .run(packet, packet.len() as u32 + 1)
    }

    /// "udp port 53" for Ethernet and IPv4 without fragments, by hand.
    fn udp_53() -> Vec<Instruction> {
        vec![
            ins(0x28, 0, 0, 12),
            ins(0x15, 0, 8, 0x800),
            ins(0x30, 0, 0, 23),
            ins(0x15, 0, 6, 17),
            ins(0xb1, 0, 0, 14),
            ins(0x48, 0, 0, 14),
            ins(0x15, 2, 0, 53),
            ins(0x48, 0, 0, 16),
            ins(0x15, 0, 1, 53),
            ins(0x06, 0, 0, 65535),
            ins(0x06, 0, 0, 0),
        ]
    }

    #[test]
    fn a_real_program() {
        let mut packet = vec![0u8; 14 + 24 + 8];
        packet[12] = 8;
        packet[14] = 0x46; // a header of 24 bytes
        packet[23] = 17;
        packet[14 + 24 + 3] = 53;
        assert_eq!(run(&udp_53(), &packet), 65535);
        packet[14 + 24 + 3] = 54;
        assert_eq!(run(&udp_53(), &packet), 0);
        packet[14 + 24 + 1] = 53;
        assert_eq!(run(&udp_53(), &packet), 65535);
        // Cut within the header it looks at.
        assert_eq!(run(&udp_53(), &packet[..14 + 24]), 0);
        assert_eq!(run(&udp_53(), b""), 0);
    }

    #[test]
    fn registers_memory_and_arithmetic() {
        let program = [
            ins(0x00, 0, 0, 7),
            ins(0x02, 0, 0, 15), // M[15] = 7
            ins(0x07, 0, 0, 0),  // X = 7
            ins(0x24, 0, 0, 6),  // A = 42
            ins(0x1c, 0, 0, 0),  // A = 35
            ins(0x94, 0, 0, 8),  // A = 3
            ins(0x64, 0, 0, 4),  // A = 48
            ins(0x74, 0, 0, 3),  // A = 6
            ins(0x84, 0, 0, 0),
            ins(0x84, 0, 0, 0),
            ins(0xa4, 0, 0, 1),  // A = 7
            ins(0x61, 0, 0, 15), // X = 7
            ins(0x0c, 0, 0, 0),  // A = 14
            ins(0x16, 0, 0, 0),
        ];
        assert_eq!(run(&program, b""), 14);
        assert_eq!(run(&[ins(0x80, 0, 0, 0), ins(0x16, 0, 0, 0)], b"abc"), 4);
        assert_eq!(
            run(
                &[ins(0x00, 0, 0, 9), ins(0x64, 0, 0, 32), ins(0x16, 0, 0, 0)],
                b""
            ),
            0
        );
        // X is 0: the division rejects.
        assert_eq!(
            run(&[ins(0x00, 0, 0, 9), ins(0x3c, 0, 0, 0), ins(0x06, 0, 0, 1)], b""),
            0
        );
        // Addresses do not wrap around.
        let wrap = [ins(0x01, 0, 0, u32::MAX), ins(0x50, 0, 0, 1), ins(0x06, 0, 0, 1)];
        assert_eq!(run(&wrap, b"abc"), 0);
    }

    #[test]
    fn invalid_programs_are_refused() {
        let refused = |list: &[Instruction]| Program::new(list.to_vec()).unwrap_err();
        let end = ins(0x06, 0, 0, 0);
        assert_eq!(refused(&[]), ProgramError::Empty);
        assert_eq!(refused(&[ins(0x00, 0, 0, 0)]), ProgramError::NoReturn);
        assert_eq!(
            refused(&[ins(0xffff, 0, 0, 0), end]),
            ProgramError::UnknownOperation { at: 0, code: 0xffff }
        );
        assert_eq!(
            refused(&[ins(0x15, 1, 0, 0), end]),
            ProgramError::BadJump { at: 0 }
        );
        assert_eq!(
            refused(&[ins(0x05, 0, 0, 1), end]),
            ProgramError::BadJump { at: 0 }
        );
        assert_eq!(
            refused(&[ins(0x05, 0, 0, u32::MAX), end]),
            ProgramError::BadJump { at: 0 }
        );
        assert_eq!(
            refused(&[ins(0x02, 0, 0, 16), end]),
            ProgramError::BadMemory { at: 0, word: 16 }
        );
        assert_eq!(
            refused(&[ins(0x34, 0, 0, 0), end]),
            ProgramError::DivisionByZero { at: 0 }
        );
        assert!(matches!(
            refused(&vec![end; 70_000]),
            ProgramError::TooLong(70_000)
        ));
    }

    proptest! {
        /// Whatever passes the check ends, and without a panic.
        #[test]
        fn checked_programs_run(
            list in prop::collection::vec(
                (prop::sample::select((0u16..0x100).collect::<Vec<_>>()), 0u8..4, 0u8..4, prop_oneof![0u32..20, any::<u32>()]),
                1..30,
            ),
            packet in prop::collection::vec(any::<u8>(), 0..64),
        ) {
            let known = list.into_iter().map(|(code, t, f, k)| ins(code, t, f, k));
            // Leave out what is not known, so that many programs pass.
            let mut known: Vec<_> = known.filter(|i| check(*i, 0, 100).is_ok()).collect();
            known.extend([ins(0x16, 0, 0, 0); 5]);
            if let Ok(program) = Program::new(known) {
                program.run(&packet, 1500);
            }
        }
    }
}
