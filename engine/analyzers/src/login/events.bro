## What servers print to ask for a user's name.  All these sets have plain strings that are searched for in lines;
## :doc:`policy/protocols/login` fills them.
const login_prompts: set[string] = {} &redef;

module Login;

export {
	## What servers print to ask for a password.
	const password_prompts: set[string] = { "assword", "asscode", "assphrase", "PASSWORD" } &redef;
}

module GLOBAL;

## What servers print when they let a user in without having asked.
const direct_login_prompts: set[string] = {} &redef;

## What servers print to a user who is in.
const login_success_msgs: set[string] = {} &redef;

## What servers print to a user they refuse.
const login_failure_msgs: set[string] = {} &redef;

## What looks like one of :bro:see:`login_failure_msgs` and is none.
const login_non_failure_msgs: set[string] = {} &redef;

## What servers print when they wait no longer for an answer.
const login_timeouts: set[string] = {} &redef;

## Greetings of hosts that ask for no authentication.
const skip_authentication: set[string] = {} &redef;

## A user was let in.
##
## c: The connection.
## user: Who, as typed: keys that take back other keys are in it (see :bro:see:`edit`).
## client_user: Who the client's host says the user is; empty if it does not.
## password: What was typed for a password; empty if none was asked for.
## line: The server's line that tells.
event login_success(c: connection, user: string, client_user: string, password: string, line: string);

## A user was refused.
##
## c: The connection.
## user: Who, as typed.
## client_user: Who the client's host says the user is; empty if it does not.
## password: What was typed for a password; empty if none was asked for.
## line: The server's line that tells.
event login_failure(c: connection, user: string, client_user: string, password: string, line: string);

## A line that a user sent, without commands and options of Telnet.
##
## c: The connection.
## line: The line without its end.
event login_input_line(c: connection, line: string);

## A line that a server sent, without commands and options of Telnet.
##
## c: The connection.
## line: The line without its end.
event login_output_line(c: connection, line: string);

## The dialog by which a user logs in cannot be followed, or somebody tries to make it so.
##
## c: The connection.
## msg: Why: ``content_gap``, ``partial``, ``no_login_prompt``, ``no_login_outcome``, ``excessive_typeahead``,
##      ``username_differs_from_echo``; or ``possible_login_ploy``, after which it still is followed.
## line: The line at which that happened.
event login_confused(c: connection, msg: string, line: string);

## A line of either side after a dialog could not be followed.
##
## c: The connection.
## line: The line.
event login_confused_text(c: connection, line: string);

## The client told its kind of terminal.
##
## c: The connection.
## terminal: The kind.
event login_terminal(c: connection, terminal: string);

## The client told its X display.
##
## c: The connection.
## display: The display.
event login_display(c: connection, display: string);

## The client told, in its environment, what prompt it expects.
##
## c: The connection.
## prompt: The prompt.
event login_prompt(c: connection, prompt: string);

## The host is one that asks for no authentication (see :bro:see:`skip_authentication`); the session is not looked at.
##
## c: The connection.
event authentication_skipped(c: connection);

## The server accepted what the client said by Telnet's option for authentication.
##
## name: The user's name.
## c: The connection.
event authentication_accepted(name: string, c: connection);

## The server rejected what the client said by Telnet's option for authentication.
##
## name: The user's name.
## c: The connection.
event authentication_rejected(name: string, c: connection);

## A side of a Telnet connection encrypts from here on; the session is not looked at any more.
##
## c: The connection.
event activating_encryption(c: connection);

## Data for an option of Telnet that does not fit the option.
##
## c: The connection.
event bad_option(c: connection);

## Data for an option of Telnet that was not ended as it should be.
##
## c: The connection.
event bad_option_termination(c: connection);

## Data for an option of Telnet that the two sides have not agreed upon.
##
## c: The connection.
event inconsistent_option(c: connection);

## A user typed what only servers print while somebody logs in: echoed, it could pass for the server's.
##
## c: The connection.
## line: What was typed.
event possible_telnet_ploy(c: connection, line: string);
