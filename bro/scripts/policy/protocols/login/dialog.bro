##! What programs print while somebody logs in, by which the analyzers follow the dialog.  A site adds its own.

redef login_prompts += {
	"login:", "Login:", "LOGIN:",
	"Username:", "username:", "USERNAME:",
	"User name:", "User Name:", "user name:",
	"User:", "user:", "UserID:", "Userid:",
	"Name:", "Account:",
};

redef login_success_msgs += {
	"Last login", "last login", "LAST LOGIN",
	"Last successful login", "Last interactive login",
	"Last unsuccessful login",
	"You have mail", "You have new mail", "No mail.",
	"Logged in as", "logged in as",
	"Login successful",
};

redef login_failure_msgs += {
	"incorrect", "Incorrect", "INCORRECT",
	"invalid", "Invalid", "INVALID",
	"Login failed", "login failed", "Login Failed",
	"Authentication failed", "Authentication failure", "authentication failure",
	"Access denied", "access denied", "Access Denied",
	"Permission denied", "permission denied",
	"not authorized", "Not authorized",
	"Unable to log", "User authorization failure",
};

redef login_non_failure_msgs += {
	"failures since last", "failure since last",
	"failed login attempts since", "failed login attempt since",
	"unsuccessful login attempts since",
	"There was 1 failed", "There were",
	"Invalid attempts since",
};

redef login_timeouts += {
	"timed out", "Timed out", "TIMED OUT",
	"timeout", "Timeout", "TIMEOUT",
	"timeout expired",
};
