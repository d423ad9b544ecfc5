# Rotation by the time of packets.
function rotated(info: Log::RotationInfo): bool
	{
	print info$path, info$fname, info$open, info$close, info$terminating;
	return T;
	}
redef Log::default_rotation_interval = 1sec;
redef Log::default_rotation_postprocessors += { [Log::WRITER_ASCII] = rotated };
