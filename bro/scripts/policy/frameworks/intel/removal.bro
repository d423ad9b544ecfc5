##! Removes indicators whose data say so, in a column ``meta.remove``.

@load base/frameworks/intel

module Intel;

export {
	redef record Intel::MetaData += {
		## Whether to remove the indicator instead of inserting it.
		remove: bool &default=F;
	};
}

hook Intel::filter_item(item: Item)
	{
	if ( item$meta$remove )
		{
		Intel::remove(item);
		break;
		}
	}
