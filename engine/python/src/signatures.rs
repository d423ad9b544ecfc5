//! Signatures of scripts and of the command line: compiled with the names of script variables they use.

use std::net::IpAddr;
use std::sync::Arc;

use bro_events::Value;
use bro_files::mime::MimeTypes;
use bro_matching::signature::{parse, Condition, NameUse, NamedValue, Resolver, Signature, SignatureSet};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::convert::from_python;

/// Signatures ready for use.
pub struct Compiled {
    /// Those for traffic
    pub network: Arc<SignatureSet>,
    /// The engine's for files, with those that were given; none if none were
    pub files: Option<MimeTypes>,
}

/// The script variables that header conditions name.
struct Names<'a, 'py>(&'a Bound<'py, PyAny>);

impl Resolver for Names<'_, '_> {
    fn resolve(&mut self, name: &str, usage: NameUse) -> Result<Vec<NamedValue>, String> {
        let value = self
            .0
            .call_method1("global_value", (name,))
            .map_err(|error| error.to_string())?;
        if value.is_none() {
            return Err(format!(
                "no script variable is called \"{name}\", or it has no value"
            ));
        }
        let value =
            from_python(&value).map_err(|error| format!("\"{name}\" cannot be used here: {error}"))?;
        let mut found = Vec::new();
        collect(&value, usage, &mut found).ok_or_else(|| {
            let wanted = match usage {
                NameUse::Address => "an address, a subnet, or several of them",
                NameUse::Port => "a port or several",
                NameUse::Integer => "a number or several",
            };
            format!("the script variable \"{name}\" is not {wanted}")
        })?;
        Ok(found)
    }
}

fn collect(value: &Value, usage: NameUse, found: &mut Vec<NamedValue>) -> Option<()> {
    let bits = |addr: &IpAddr| if addr.is_ipv4() { 32 } else { 128 };
    match (value, usage) {
        (Value::Set(items) | Value::Vector(items), _) => {
            return items.iter().try_for_each(|item| collect(item, usage, found));
        }
        (Value::Addr(addr), NameUse::Address) => found.push(NamedValue::Subnet(*addr, bits(addr))),
        (Value::Subnet(addr, width), NameUse::Address) => found.push(NamedValue::Subnet(*addr, *width)),
        (Value::Port(number, _), NameUse::Port | NameUse::Integer) => {
            found.push(NamedValue::Integer(u32::from(*number)));
        }
        (Value::Count(n), NameUse::Port | NameUse::Integer) => {
            found.push(NamedValue::Integer(u32::try_from(*n).ok()?));
        }
        _ => return None,
    }
    Some(())
}

/// Compiles files of signatures, each with its name.
///
/// # Errors
/// ValueError with all that is wrong in them, a text with place and excerpt for each.
pub fn compile(program: &Bound<'_, PyAny>, files: &[(String, Vec<u8>)]) -> PyResult<Compiled> {
    let mut signatures: Vec<Signature> = Vec::new();
    let mut errors = Vec::new();
    for (name, text) in files {
        match parse(name, text) {
            Ok(found) => signatures.extend(found),
            Err(found) => errors.extend(found.iter().map(ToString::to_string)),
        }
    }
    let magic: Vec<Signature> = signatures
        .iter()
        .filter(|signature| {
            signature.conditions.iter().any(|condition| {
                matches!(condition, Condition::Content(context, ..) if *context == bro_matching::signature::Context::FileMagic)
            })
        })
        .cloned()
        .collect();
    if errors.is_empty() {
        match SignatureSet::compile(signatures, &mut Names(program)) {
            Ok(set) => {
                for function in set.eval_functions() {
                    if program.call_method1("get", (function,))?.is_none() {
                        errors.push(format!(
                            "signatures: there is no script function \"{function}\" to evaluate"
                        ));
                    }
                }
                if !errors.is_empty() {
                    return Err(PyValueError::new_err(errors.join("\n")));
                }
                let files = if magic.is_empty() {
                    None
                } else {
                    Some(MimeTypes::with(magic).map_err(wrong)?)
                };
                return Ok(Compiled {
                    network: Arc::new(set),
                    files,
                });
            }
            Err(found) => errors.extend(found.iter().map(ToString::to_string)),
        }
    }
    Err(PyValueError::new_err(errors.join("\n")))
}

fn wrong(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}
