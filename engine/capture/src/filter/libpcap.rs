//! libpcap's filter compiler, found at run time.
//!
//! This is one of the three places with `unsafe` code: calling into a library of another language cannot be checked by
//! the compiler.  The part that is used is small and has been stable for decades; nothing of the library's memory
//! outlives a call of [`compile`], as the program is copied out and checked.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_int, c_uint, c_void, CStr, CString};
use std::sync::{Mutex, OnceLock, PoisonError};

use libloading::Library;

use super::bpf::Instruction;

/// Names under which systems have the library, in the order they are tried.
#[cfg(target_os = "macos")]
const NAMES: [&str; 2] = ["libpcap.A.dylib", "libpcap.dylib"];
#[cfg(not(target_os = "macos"))]
const NAMES: [&str; 3] = ["libpcap.so.1", "libpcap.so.0.8", "libpcap.so"];

/// "The netmask is not known": only expressions with `ip broadcast` need it.
const NETMASK_UNKNOWN: c_uint = 0xffff_ffff;

/// Let the compiler optimise.
const OPTIMIZE: c_int = 1;

/// struct bpf_insn
#[repr(C)]
#[derive(Clone, Copy)]
struct RawInstruction {
    code: u16,
    jump_true: u8,
    jump_false: u8,
    k: u32,
}

/// struct bpf_program
#[repr(C)]
struct RawProgram {
    len: c_uint,
    instructions: *mut RawInstruction,
}

type OpenDead = unsafe extern "C" fn(c_int, c_int) -> *mut c_void;
type Compile = unsafe extern "C" fn(*mut c_void, *mut RawProgram, *const c_char, c_int, c_uint) -> c_int;
type GetError = unsafe extern "C" fn(*mut c_void) -> *mut c_char;
type FreeCode = unsafe extern "C" fn(*mut RawProgram);
type Close = unsafe extern "C" fn(*mut c_void);

struct Api {
    open_dead: OpenDead,
    compile: Compile,
    get_error: GetError,
    free_code: FreeCode,
    close: Close,
    /// Keeps the functions loaded.
    _library: Library,
}

/// Why there is no program.
#[derive(Debug)]
pub(super) enum CompileError {
    /// The library cannot be loaded, and why.
    Missing(String),
    /// The compiler's message.
    Rejected(String),
}

/// The library, or why it cannot be had.  Loaded when first needed.
fn api() -> Result<&'static Api, CompileError> {
    static API: OnceLock<Result<Api, String>> = OnceLock::new();
    API.get_or_init(load)
        .as_ref()
        .map_err(|reason| CompileError::Missing(reason.clone()))
}

fn load() -> Result<Api, String> {
    let mut reasons = Vec::new();
    for name in NAMES {
        // SAFETY: loading runs the library's initialisers; libpcap's have no effects of their own.  The name is a
        // constant that the system's loader resolves in its trusted folders.
        match unsafe { Library::new(name) } {
            Ok(library) => return resolve(library).map_err(|reason| format!("{name}: {reason}")),
            Err(error) => reasons.push(error.to_string()),
        }
    }
    Err(reasons.join("; "))
}

fn resolve(library: Library) -> Result<Api, String> {
    // SAFETY: the types are those of libpcap's documented functions of these names.  The function pointers are used
    // only through `Api`, which keeps the library loaded.
    unsafe {
        Ok(Api {
            open_dead: *library
                .get::<OpenDead>(b"pcap_open_dead\0")
                .map_err(|e| e.to_string())?,
            compile: *library
                .get::<Compile>(b"pcap_compile\0")
                .map_err(|e| e.to_string())?,
            get_error: *library
                .get::<GetError>(b"pcap_geterr\0")
                .map_err(|e| e.to_string())?,
            free_code: *library
                .get::<FreeCode>(b"pcap_freecode\0")
                .map_err(|e| e.to_string())?,
            close: *library.get::<Close>(b"pcap_close\0").map_err(|e| e.to_string())?,
            _library: library,
        })
    }
}

/// Whether the library can be loaded.
#[cfg(test)]
pub(super) fn is_available() -> bool {
    api().is_ok()
}

/// Compiles an expression for packets of a link type (a DLT) that are captured with up to `snaplen` bytes.
pub(super) fn compile(
    expression: &CStr,
    link_type: c_int,
    snaplen: c_int,
) -> Result<Vec<Instruction>, CompileError> {
    /// The compiler keeps its state in globals before version 1.8.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

    let api = api()?;
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: takes two numbers; returns a handle or null.
    let handle = unsafe { (api.open_dead)(link_type, snaplen) };
    if handle.is_null() {
        return Err(CompileError::Rejected("libpcap is out of memory".into()));
    }
    let mut program = RawProgram {
        len: 0,
        instructions: std::ptr::null_mut(),
    };
    // SAFETY: the handle is open, the program is ours to be filled in, the expression is a C string that is not kept.
    let status = unsafe {
        (api.compile)(
            handle,
            &mut program,
            expression.as_ptr(),
            OPTIMIZE,
            NETMASK_UNKNOWN,
        )
    };
    let result = if status == 0 && !program.instructions.is_null() {
        // SAFETY: after success the program points to that many initialised instructions until it is freed below.
        let raw = unsafe { std::slice::from_raw_parts(program.instructions, program.len as usize) };
        let copy = raw.iter().map(|i| Instruction {
            code: i.code,
            jump_true: i.jump_true,
            jump_false: i.jump_false,
            k: i.k,
        });
        let instructions = copy.collect();
        // SAFETY: the compiler filled the program; the copy does not refer to it.
        unsafe { (api.free_code)(&mut program) };
        Ok(instructions)
    } else {
        // SAFETY: returns the handle's error buffer, a C string that is valid until the handle is closed.
        let message = unsafe { CStr::from_ptr((api.get_error)(handle)) };
        Err(CompileError::Rejected(message.to_string_lossy().into_owned()))
    };
    // SAFETY: the handle is open and not used again.
    unsafe { (api.close)(handle) };
    result
}

/// The expression as a C string; none if it has a zero byte.
pub(super) fn to_c(expression: &str) -> Option<CString> {
    CString::new(expression).ok()
}
