##! Looks for names of files among the indicators.

@load base/frameworks/intel
@load ./where-locations

# After the scripts of protocols have noted the name.
event file_new(f: fa_file) &priority=-5 &group="Intel::FILE_NAME"
	{
	if ( f?$info && f$info?$filename )
		Intel::seen(Intel::Seen($indicator=f$info$filename, $indicator_type=Intel::FILE_NAME, $f=f,
		                        $where=Files::IN_NAME));
	}
