//! Events of FTP; `events.bro` documents them for scripts.

bro_events::events! {
    /// A command
    FTP_REQUEST = ftp_request(c, command, arg);
    /// A line of a reply
    FTP_REPLY = ftp_reply(c, code, msg, cont_resp);
    /// TLS begins
    FTP_STARTTLS = ftp_starttls(c);
}
