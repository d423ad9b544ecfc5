##! The columns that the Collective Intelligence Framework exports beside those of the intelligence framework.

@load base/frameworks/intel

module Intel;

export {
	## What the Collective Intelligence Framework says of an item.
	type CIF: record {
		## Its tags, separated by commas.
		tags: string &optional &log;
		## How sure it is, from 0 to 100.
		confidence: double &optional &log;
		## Where it has it from.
		source: string &optional &log;
		## A description for a person.
		description: string &optional &log;
		## When it was first seen.
		firstseen: string &optional &log;
		## When it was last seen.
		lastseen: string &optional &log;
	};

	redef record Info += {
		## What the Collective Intelligence Framework says of the items that were found.
		cif: CIF &log &optional;
	};

	redef record MetaData += {
		## Its tags.
		cif_tags: string &optional;
		## Its confidence.
		cif_confidence: double &optional;
		## Its source.
		cif_source: string &optional;
		## Its description.
		cif_description: string &optional;
		## When it was first seen.
		cif_firstseen: string &optional;
		## When it was last seen.
		cif_lastseen: string &optional;
	};
}

hook extend_match(info: Info, s: Seen, items: set[Item])
	{
	for ( item in items )
		{
		local meta = item$meta;
		local cif = CIF();
		local found = F;

		if ( meta?$cif_tags )
			{
			cif$tags = meta$cif_tags;
			found = T;
			}
		if ( meta?$cif_confidence )
			{
			cif$confidence = meta$cif_confidence;
			found = T;
			}
		if ( meta?$cif_source )
			{
			cif$source = meta$cif_source;
			found = T;
			}
		if ( meta?$cif_description )
			{
			cif$description = meta$cif_description;
			found = T;
			}
		if ( meta?$cif_firstseen )
			{
			cif$firstseen = meta$cif_firstseen;
			found = T;
			}
		if ( meta?$cif_lastseen )
			{
			cif$lastseen = meta$cif_lastseen;
			found = T;
			}

		if ( found )
			info$cif = cif;
		}
	}
