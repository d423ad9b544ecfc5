# Numbers that a site has given, and what gets what they stand for.
redef PacketAnalyzer::SKIP::skip_bytes = 4;
redef PacketAnalyzer::MPLS::default_analyzer = PacketAnalyzer::ANALYZER_ETHERNET;

const USER0 = 147;

event zeek_init()
	{
	print PacketAnalyzer::register_packet_analyzer(PacketAnalyzer::ANALYZER_ETHERNET, 0x88b5, PacketAnalyzer::ANALYZER_IP);
	print PacketAnalyzer::register_packet_analyzer(PacketAnalyzer::ANALYZER_ETHERNET, 0x88b6, PacketAnalyzer::ANALYZER_SKIP);
	print PacketAnalyzer::register_packet_analyzer(PacketAnalyzer::ANALYZER_SNAP, 0x88b7, PacketAnalyzer::ANALYZER_IP);
	print PacketAnalyzer::register_packet_analyzer(PacketAnalyzer::ANALYZER_IP, 253, PacketAnalyzer::ANALYZER_UDP);
	print PacketAnalyzer::register_packet_analyzer(PacketAnalyzer::ANALYZER_IP, 254, PacketAnalyzer::ANALYZER_ETHERNET);
	print PacketAnalyzer::try_register_packet_analyzer_by_name("ROOT", USER0, "ETHERNET");

	# What cannot be.
	print PacketAnalyzer::register_packet_analyzer(PacketAnalyzer::ANALYZER_ETHERNET, 0x88b5, PacketAnalyzer::ANALYZER_TCP);
	print PacketAnalyzer::try_register_packet_analyzer_by_name("ETHERNET", 0x88b5, "NONE_SUCH");
	}
