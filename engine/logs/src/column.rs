//! Columns and their types, by the names that logs state them with.

use std::fmt;
use std::str::FromStr;

/// A type that one value of a log can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScalarType {
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `count`
    Count,
    /// `double`
    Double,
    /// `time`
    Time,
    /// `interval`
    Interval,
    /// `string`
    String,
    /// `addr`
    Addr,
    /// `subnet`
    Subnet,
    /// `port`, logged as its number
    Port,
    /// `enum`, logged as its full name
    Enum,
    /// `pattern`, logged as its text
    Pattern,
    /// `func`, logged as its description
    Func,
    /// `file`, logged as its name
    File,
}

impl ScalarType {
    /// The name used in headers.
    pub fn name(self) -> &'static str {
        match self {
            ScalarType::Bool => "bool",
            ScalarType::Int => "int",
            ScalarType::Count => "count",
            ScalarType::Double => "double",
            ScalarType::Time => "time",
            ScalarType::Interval => "interval",
            ScalarType::String => "string",
            ScalarType::Addr => "addr",
            ScalarType::Subnet => "subnet",
            ScalarType::Port => "port",
            ScalarType::Enum => "enum",
            ScalarType::Pattern => "pattern",
            ScalarType::Func => "func",
            ScalarType::File => "file",
        }
    }
}

const SCALARS: [ScalarType; 14] = [
    ScalarType::Bool,
    ScalarType::Int,
    ScalarType::Count,
    ScalarType::Double,
    ScalarType::Time,
    ScalarType::Interval,
    ScalarType::String,
    ScalarType::Addr,
    ScalarType::Subnet,
    ScalarType::Port,
    ScalarType::Enum,
    ScalarType::Pattern,
    ScalarType::Func,
    ScalarType::File,
];

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// One value
    Scalar(ScalarType),
    /// `set[…]`
    Set(ScalarType),
    /// `vector[…]`
    Vector(ScalarType),
}

impl ColumnType {
    /// The type of the value, or of the elements.
    pub fn scalar(self) -> ScalarType {
        match self {
            ColumnType::Scalar(t) | ColumnType::Set(t) | ColumnType::Vector(t) => t,
        }
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ColumnType::Scalar(t) => f.write_str(t.name()),
            ColumnType::Set(t) => write!(f, "set[{}]", t.name()),
            ColumnType::Vector(t) => write!(f, "vector[{}]", t.name()),
        }
    }
}

/// A type that no log can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownType(pub String);

impl fmt::Display for UnknownType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a value of type '{}' cannot be logged; take &log off the field or convert it",
            self.0
        )
    }
}

impl std::error::Error for UnknownType {}

impl FromStr for ColumnType {
    type Err = UnknownType;

    fn from_str(text: &str) -> Result<Self, UnknownType> {
        let scalar = |name: &str| {
            SCALARS
                .iter()
                .copied()
                .find(|t| t.name() == name)
                .ok_or_else(|| UnknownType(text.to_owned()))
        };
        let inner = |prefix: &str| text.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(']'));
        if let Some(element) = inner("set[") {
            Ok(ColumnType::Set(scalar(element)?))
        } else if let Some(element) = inner("vector[") {
            Ok(ColumnType::Vector(scalar(element)?))
        } else {
            Ok(ColumnType::Scalar(scalar(text)?))
        }
    }
}

/// A column of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name as the log states it, such as `id.orig_h`
    pub name: String,
    /// Type of its values
    pub kind: ColumnType,
}

impl Column {
    /// A column of that name and type.
    pub fn new(name: impl Into<String>, kind: ColumnType) -> Self {
        Column {
            name: name.into(),
            kind,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_read_as_they_print() {
        for scalar in SCALARS {
            for kind in [
                ColumnType::Scalar(scalar),
                ColumnType::Set(scalar),
                ColumnType::Vector(scalar),
            ] {
                assert_eq!(kind.to_string().parse(), Ok(kind));
            }
        }
    }

    #[test]
    fn what_cannot_be_logged_is_refused() {
        for text in [
            "record",
            "table[string]",
            "set[set[string]]",
            "vector[any]",
            "",
            "set[",
            "any",
        ] {
            assert!(text.parse::<ColumnType>().is_err(), "{text}");
        }
    }
}
