//! Events of interactive logins; `events.bro` documents them for scripts.

bro_events::events! {
    /// Somebody is in
    LOGIN_SUCCESS = login_success(c, user, client_user, password, line);
    /// Somebody was refused
    LOGIN_FAILURE = login_failure(c, user, client_user, password, line);
    /// A line the user sent
    LOGIN_INPUT_LINE = login_input_line(c, line);
    /// A line the server sent
    LOGIN_OUTPUT_LINE = login_output_line(c, line);
    /// The dialog cannot be followed any more
    LOGIN_CONFUSED = login_confused(c, msg, line);
    /// Lines from then on
    LOGIN_CONFUSED_TEXT = login_confused_text(c, line);
    /// The client's kind of terminal
    LOGIN_TERMINAL = login_terminal(c, terminal);
    /// The client's display
    LOGIN_DISPLAY = login_display(c, display);
    /// The prompt the client expects
    LOGIN_PROMPT = login_prompt(c, prompt);
    /// The host needs no authentication
    AUTHENTICATION_SKIPPED = authentication_skipped(c);
    /// The option for authentication let somebody in
    AUTHENTICATION_ACCEPTED = authentication_accepted(name, c);
    /// It refused somebody
    AUTHENTICATION_REJECTED = authentication_rejected(name, c);
    /// What follows is encrypted
    ACTIVATING_ENCRYPTION = activating_encryption(c);
    /// An option whose data does not fit it
    BAD_OPTION = bad_option(c);
    /// An option whose data has no proper end
    BAD_OPTION_TERMINATION = bad_option_termination(c);
    /// An option that is not in use
    INCONSISTENT_OPTION = inconsistent_option(c);
    /// A user typed what only servers print
    POSSIBLE_TELNET_PLOY = possible_telnet_ploy(c, line);
}
