##! The writer that stores nothing: for measuring, and for streams of which only the events are wanted.

module LogNone;

export {
	## Whether to report what the writer is asked to do.
	const debug = F &redef;

	## Processes the rotation of what is not there.
	global default_rotation_postprocessor_func: function(info: Log::RotationInfo): bool;
}

function default_rotation_postprocessor_func(info: Log::RotationInfo): bool
	{
	return T;
	}

redef Log::default_rotation_postprocessors += { [Log::WRITER_NONE] = default_rotation_postprocessor_func };
