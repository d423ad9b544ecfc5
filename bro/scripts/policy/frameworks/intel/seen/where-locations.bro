##! Where the scripts in this folder see things.

@load base/frameworks/intel

export {
	redef enum Intel::Where += {
		## Originator of a connection.
		Conn::IN_ORIG,
		## Responder of a connection.
		Conn::IN_RESP,
		## Digest of a file.
		Files::IN_HASH,
		## Name of a file.
		Files::IN_NAME,
		## Name that DNS was asked for.
		DNS::IN_REQUEST,
		## Address in an answer of DNS.
		DNS::IN_RESPONSE,
		## Host that a request of HTTP names.
		HTTP::IN_HOST_HEADER,
		## Where a request of HTTP comes from.
		HTTP::IN_REFERRER_HEADER,
		## Software that a client of HTTP names.
		HTTP::IN_USER_AGENT_HEADER,
		## Addresses that proxies tell.
		HTTP::IN_X_FORWARDED_FOR_HEADER,
		## URL of a request of HTTP.
		HTTP::IN_URL,
		## Addresses and text of mail.
		SMTP::IN_MAIL_FROM,
		SMTP::IN_RCPT_TO,
		SMTP::IN_FROM,
		SMTP::IN_TO,
		SMTP::IN_CC,
		SMTP::IN_RECEIVED_HEADER,
		SMTP::IN_REPLY_TO,
		SMTP::IN_X_ORIGINATING_IP_HEADER,
		SMTP::IN_MESSAGE,
		SMTP::IN_HEADER,
		## Key of a server of SSH.
		SSH::IN_SERVER_HOST_KEY,
		## Client of a login by SSH that worked.
		SSH::SUCCESSFUL_LOGIN,
		## Name that a client of TLS asks for.
		SSL::IN_SERVER_NAME,
		## Name of a file of SMB.
		SMB::IN_FILE_NAME,
		## A certificate.
		X509::IN_CERT,
	};
}
