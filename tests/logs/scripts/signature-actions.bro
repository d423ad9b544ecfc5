# What the framework does about matches, one signature for each action.
@load-sigs ./actions.sig
redef Signatures::actions += {
	["log-one"] = Signatures::SIG_LOG,
	["quiet"] = Signatures::SIG_QUIET,
	["no-scan"] = Signatures::SIG_FILE_BUT_NO_SCAN,
	["once"] = Signatures::SIG_ALARM_ONCE,
	["per-orig"] = Signatures::SIG_ALARM_PER_ORIG,
	["per-resp"] = Signatures::SIG_COUNT_PER_RESP,
	["summary"] = Signatures::SIG_SUMMARY,
};
