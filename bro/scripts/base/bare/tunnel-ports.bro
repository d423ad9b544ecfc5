##! Ports of tunnels over UDP; see the ports of each of them in ``PacketAnalyzer``.

redef likely_server_ports += {
	PacketAnalyzer::AYIYA::ayiya_ports,
	PacketAnalyzer::GRE::gre_ports,
	PacketAnalyzer::GTPV1::gtpv1_ports,
	PacketAnalyzer::Geneve::geneve_ports,
	PacketAnalyzer::TEREDO::teredo_ports,
	PacketAnalyzer::VXLAN::vxlan_ports,
};
