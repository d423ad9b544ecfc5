##! Keeps single files from filling the disk.

@load base/files/extract

redef FileExtract::default_limit = 100 * 1024 * 1024;
