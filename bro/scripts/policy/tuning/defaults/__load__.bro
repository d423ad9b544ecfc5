##! Limits and sizes that suit most sites.

@load ./extracted_file_limits
