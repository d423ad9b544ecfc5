##! The action of cutting hosts off.  What carries it out is in ``policy/frameworks/notice/actions/drop``.

@load ../main

module Notice;

export {
	redef enum Action += {
		## The host that the notice is about is cut off.
		ACTION_DROP
	};
}
