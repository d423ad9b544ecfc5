# MIME types by the beginning of a file.  The strongest signature wins.  Patterns are written from the formats'
# own specifications; `$` stands for the end of a file that is shorter than the beginning that is kept.

# Archives and compression

signature file-zip {
	file-magic /^PK\x03\x04/s
	file-mime "application/zip", 10
}

signature file-zip-empty {
	file-magic /^PK\x05\x06/s
	file-mime "application/zip", 10
}

signature file-gzip {
	file-magic /^\x1f\x8b/s
	file-mime "application/x-gzip", 70
}

signature file-bzip2 {
	file-magic /^BZh[1-9]/s
	file-mime "application/x-bzip2", 70
}

signature file-xz {
	file-magic /^\xfd7zXZ\x00/s
	file-mime "application/x-xz", 70
}

signature file-7z {
	file-magic /^7z\xbc\xaf\x27\x1c/s
	file-mime "application/x-7z-compressed", 70
}

signature file-rar {
	file-magic /^Rar!\x1a\x07/s
	file-mime "application/x-rar", 70
}

signature file-zstd {
	file-magic /^\x28\xb5\x2f\xfd/s
	file-mime "application/zstd", 70
}

signature file-lzip {
	file-magic /^LZIP/s
	file-mime "application/x-lzip", 70
}

signature file-lz4 {
	file-magic /^\x04\x22\x4d\x18/s
	file-mime "application/x-lz4", 70
}

signature file-compress {
	file-magic /^\x1f\x9d/s
	file-mime "application/x-compress", 70
}

signature file-tar {
	file-magic /^[[:print:]\x00]{100}[0-7 \x00]{24}.{133}ustar/s
	file-mime "application/x-tar", 100
}

signature file-cab {
	file-magic /^MSCF\x00\x00\x00\x00/s
	file-mime "application/vnd.ms-cab-compressed", 110
}

signature file-ar {
	file-magic /^!<arch>\x0a/s
	file-mime "application/x-archive", 70
}

signature file-deb {
	file-magic /^!<arch>\x0adebian/s
	file-mime "application/x-debian-package", 171
}

signature file-rpm {
	file-magic /^\xed\xab\xee\xdb/s
	file-mime "application/x-rpm", 70
}

signature file-cpio {
	file-magic /^07070[127]/s
	file-mime "application/x-cpio", 70
}

signature file-arj {
	file-magic /^\x60\xea/s
	file-mime "application/x-arj", 50
}

signature file-lha {
	file-magic /^(..-l(h[0-7d]|z[45s])-)/s
	file-mime "application/x-lharc", 60
}

signature file-xar {
	file-magic /^xar!/s
	file-mime "application/x-xar", 70
}

# Documents

signature file-pdf {
	file-magic /^%PDF-/s
	file-mime "application/pdf", 80
}

signature file-pdf-later {
	file-magic /^.{1,128}%PDF-[12]\./s
	file-mime "application/pdf", 70
}

signature file-postscript {
	file-magic /^(\x04)?%!PS/s
	file-mime "application/postscript", 60
}

signature file-rtf {
	file-magic /^\{\\rtf/s
	file-mime "application/rtf", 60
}

signature file-ole {
	file-magic /^\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1/s
	file-mime "application/msword", 50
}

signature file-docx {
	file-magic /^(PK\x03\x04.{26}(\[Content_Types\]\.xml|_rels\/\.rels|docProps).*PK\x03\x04.{26}word\/)/s
	file-mime "application/vnd.openxmlformats-officedocument.wordprocessingml.document", 80
}

signature file-xlsx {
	file-magic /^(PK\x03\x04.{26}(\[Content_Types\]\.xml|_rels\/\.rels|docProps).*PK\x03\x04.{26}xl\/)/s
	file-mime "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", 80
}

signature file-pptx {
	file-magic /^(PK\x03\x04.{26}(\[Content_Types\]\.xml|_rels\/\.rels|docProps).*PK\x03\x04.{26}ppt\/)/s
	file-mime "application/vnd.openxmlformats-officedocument.presentationml.presentation", 80
}

signature file-ooxml {
	file-magic /^(PK\x03\x04.{26}(\[Content_Types\]\.xml|_rels\/\.rels|docProps))/s
	file-mime "application/vnd.openxmlformats-officedocument", 50
}

signature file-odt {
	file-magic /^PK\x03\x04.{26}mimetypeapplication\/vnd\.oasis\.opendocument\.text/s
	file-mime "application/vnd.oasis.opendocument.text", 90
}

signature file-ods {
	file-magic /^PK\x03\x04.{26}mimetypeapplication\/vnd\.oasis\.opendocument\.spreadsheet/s
	file-mime "application/vnd.oasis.opendocument.spreadsheet", 90
}

signature file-odp {
	file-magic /^PK\x03\x04.{26}mimetypeapplication\/vnd\.oasis\.opendocument\.presentation/s
	file-mime "application/vnd.oasis.opendocument.presentation", 90
}

signature file-epub {
	file-magic /^PK\x03\x04.{26}mimetypeapplication\/epub\+zip/s
	file-mime "application/epub+zip", 90
}

signature file-jar {
	file-magic /^PK\x03\x04.{26}META-INF\//s
	file-mime "application/java-archive", 60
}

signature file-apk {
	file-magic /^PK\x03\x04.{26}AndroidManifest\.xml/s
	file-mime "application/vnd.android.package-archive", 90
}

signature file-djvu {
	file-magic /^AT&TFORM/s
	file-mime "image/vnd.djvu", 70
}

# Programs

signature file-dos-executable {
	file-magic /^MZ/s
	file-mime "application/x-dosexec", 51
}

signature file-elf-object {
	file-magic /^(\x7fELF[\x01\x02](\x01.{10}\x01\x00|\x02.{10}\x00\x01))/s
	file-mime "application/x-object", 51
}

signature file-elf-executable {
	file-magic /^(\x7fELF[\x01\x02](\x01.{10}\x02\x00|\x02.{10}\x00\x02))/s
	file-mime "application/x-executable", 51
}

signature file-elf-shared {
	file-magic /^(\x7fELF[\x01\x02](\x01.{10}\x03\x00|\x02.{10}\x00\x03))/s
	file-mime "application/x-sharedlib", 51
}

signature file-elf-core {
	file-magic /^(\x7fELF[\x01\x02](\x01.{10}\x04\x00|\x02.{10}\x00\x04))/s
	file-mime "application/x-coredump", 51
}

signature file-mach-o {
	file-magic /^(\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe)/s
	file-mime "application/x-mach-o-executable", 60
}

signature file-java-class {
	file-magic /^\xca\xfe\xba\xbe\x00[\x00-\x03]\x00[\x2d-\x7f]/s
	file-mime "application/x-java-applet", 60
}

signature file-mach-o-fat {
	file-magic /^\xca\xfe\xba\xbe\x00\x00\x00[\x01-\x14]/s
	file-mime "application/x-mach-o-executable", 61
}

signature file-dex {
	file-magic /^dex\x0a03/s
	file-mime "application/x-dex", 70
}

signature file-wasm {
	file-magic /^\x00asm/s
	file-mime "application/wasm", 70
}

signature file-flash {
	file-magic /^[FCZ]WS[\x01-\x40]/s
	file-mime "application/x-shockwave-flash", 60
}

signature file-shell {
	file-magic /^(\xef\xbb\xbf)?#![\t ]*\/([^\x0a]*\/)?(ba|z|k|tc|c|da|a)?sh([ \t\x0d\x0a]|$)/s
	file-mime "text/x-shellscript", 60
}

signature file-env-shell {
	file-magic /^(#![\t ]*\/usr\/bin\/env[ \t]+(ba|z|k|da)?sh)/s
	file-mime "text/x-shellscript", 61
}

signature file-perl {
	file-magic /^#![\t ]*\/[^\x0a]*perl/s
	file-mime "text/x-perl", 60
}

signature file-python {
	file-magic /^#![\t ]*\/[^\x0a]*python/s
	file-mime "text/x-python", 60
}

signature file-ruby {
	file-magic /^#![\t ]*\/[^\x0a]*ruby/s
	file-mime "text/x-ruby", 60
}

signature file-awk {
	file-magic /^#![\t ]*\/[^\x0a]*awk/s
	file-mime "text/x-awk", 60
}

signature file-php {
	file-magic /^[\x0a\x0d\t ]*<\?[Pp][Hh][Pp]/s
	file-mime "text/x-php", 40
}

signature file-msi-lnk {
	file-magic /^L\x00\x00\x00\x01\x14\x02\x00/s
	file-mime "application/x-ms-shortcut", 70
}

# Pictures

signature file-png {
	file-magic /^\x89PNG\x0d\x0a\x1a\x0a/s
	file-mime "image/png", 110
}

signature file-gif {
	file-magic /^GIF8[79]a/s
	file-mime "image/gif", 110
}

signature file-jpeg {
	file-magic /^\xff\xd8\xff/s
	file-mime "image/jpeg", 52
}

signature file-tiff-le {
	file-magic /^II\*\x00/s
	file-mime "image/tiff", 70
}

signature file-tiff-be {
	file-magic /^MM\x00\*/s
	file-mime "image/tiff", 70
}

signature file-bmp {
	file-magic /^BM.{4}\x00\x00\x00\x00.{4}[\x0c\x28\x40\x6c\x7c]\x00/s
	file-mime "image/x-ms-bmp", 70
}

signature file-icon {
	file-magic /^\x00\x00\x01\x00[\x01-\x40]\x00/s
	file-mime "image/x-icon", 70
}

signature file-cursor {
	file-magic /^\x00\x00\x02\x00[\x01-\x40]\x00/s
	file-mime "image/x-cursor", 70
}

signature file-photoshop {
	file-magic /^8BPS/s
	file-mime "image/vnd.adobe.photoshop", 70
}

signature file-webp {
	file-magic /^RIFF.{4}WEBP/s
	file-mime "image/webp", 70
}

signature file-jp2 {
	file-magic /^\x00\x00\x00\x0cjP  \x0d\x0a\x87\x0a/s
	file-mime "image/jp2", 70
}

signature file-svg {
	file-magic /^(\xef\xbb\xbf)?[\x0d\x0a\t ]*(<\?xml[^>]*>[\x0d\x0a\t ]*)?(<!--[^>]*-->[\x0d\x0a\t ]*)*(<!DOCTYPE svg[^>]*>[\x0d\x0a\t ]*)?<svg[ \t\x0d\x0a>]/s
	file-mime "image/svg+xml", 80
}

signature file-heic {
	file-magic /^(.{4}ftyp(heic|heix|mif1))/s
	file-mime "image/heic", 70
}

signature file-avif {
	file-magic /^.{4}ftypavif/s
	file-mime "image/avif", 70
}

signature file-xcf {
	file-magic /^gimp xcf/s
	file-mime "image/x-xcf", 70
}

signature file-pnm {
	file-magic /^P[1-6][ \t\x0a]/s
	file-mime "image/x-portable-bitmap", 30
}

# Sound and film

signature file-wav {
	file-magic /^RIFF.{4}WAVE/s
	file-mime "audio/x-wav", 70
}

signature file-avi {
	file-magic /^RIFF.{4}AVI /s
	file-mime "video/x-msvideo", 70
}

signature file-mp3-id3 {
	file-magic /^ID3[\x02-\x04]/s
	file-mime "audio/mpeg", 70
}

signature file-mp3 {
	file-magic /^\xff[\xe2-\xe7\xf2-\xf7\xfa\xfb][\x10-\xeb]/s
	file-mime "audio/mpeg", 20
}

signature file-ogg {
	file-magic /^OggS\x00/s
	file-mime "application/ogg", 60
}

signature file-ogg-vorbis {
	file-magic /^OggS\x00.{23}\x01vorbis/s
	file-mime "audio/ogg", 70
}

signature file-ogg-theora {
	file-magic /^OggS\x00.{23}\x80theora/s
	file-mime "video/ogg", 70
}

signature file-flac {
	file-magic /^fLaC/s
	file-mime "audio/x-flac", 70
}

signature file-midi {
	file-magic /^MThd/s
	file-mime "audio/midi", 70
}

signature file-au {
	file-magic /^\.snd\x00\x00/s
	file-mime "audio/basic", 70
}

signature file-aiff {
	file-magic /^FORM.{4}AIFF/s
	file-mime "audio/x-aiff", 70
}

signature file-aac {
	file-magic /^\xff[\xf1\xf9]/s
	file-mime "audio/x-hx-aac-adts", 31
}

signature file-m4a {
	file-magic /^.{4}ftypM4A/s
	file-mime "audio/m4a", 70
}

signature file-mp4 {
	file-magic /^(.{4}ftyp(isom|iso2|iso[3-6]|mp4[12]|avc1|dash|mmp4|M4V |MSNV|f4v ))/s
	file-mime "video/mp4", 70
}

signature file-quicktime {
	file-magic /^(.{4}(ftypqt  |moov|mdat.{8,}moov|free.{0,64}mdat))/s
	file-mime "video/quicktime", 65
}

signature file-3gpp {
	file-magic /^.{4}ftyp3g[ps]/s
	file-mime "video/3gpp", 70
}

signature file-flv {
	file-magic /^FLV\x01/s
	file-mime "video/x-flv", 70
}

signature file-webm {
	file-magic /^\x1a\x45\xdf\xa3.{0,60}webm/s
	file-mime "video/webm", 71
}

signature file-matroska {
	file-magic /^\x1a\x45\xdf\xa3.{0,60}matroska/s
	file-mime "video/x-matroska", 71
}

signature file-mpeg-ps {
	file-magic /^\x00\x00\x01\xba/s
	file-mime "video/mpeg", 60
}

signature file-mpeg-video {
	file-magic /^\x00\x00\x01\xb3/s
	file-mime "video/mpv", 60
}

signature file-mpeg-ts {
	file-magic /^G.{187}G.{187}G/s
	file-mime "video/mp2t", 40
}

signature file-asf {
	file-magic /^\x30\x26\xb2\x75\x8e\x66\xcf\x11/s
	file-mime "video/x-ms-asf", 70
}

signature file-m3u {
	file-magic /^#EXTM3U/s
	file-mime "application/vnd.apple.mpegurl", 60
}

# Fonts

signature file-ttf {
	file-magic /^\x00\x01\x00\x00\x00[\x01-\x40]/s
	file-mime "application/x-font-ttf", 60
}

signature file-otf {
	file-magic /^OTTO/s
	file-mime "application/vnd.ms-opentype", 60
}

signature file-woff {
	file-magic /^wOFF/s
	file-mime "application/font-woff", 70
}

signature file-woff2 {
	file-magic /^wOF2/s
	file-mime "font/woff2", 70
}

signature file-eot {
	file-magic /^.{8}[\x00-\x02]\x00[\x01\x02]\x00.{22}LP/s
	file-mime "application/vnd.ms-fontobject", 60
}

# Mark-up and text

signature file-html {
	file-magic /^(\xef\xbb\xbf)?([\x0d\x0a\t ]|<!--[^>]*-->)*(<\?xml[^>]*>[\x0d\x0a\t ]*)?<!(DOCTYPE|doctype|Doctype) (HTML|html|Html)/s
	file-mime "text/html", 100
}

signature file-html-tag {
	file-magic /^(\xef\xbb\xbf)?([\x0d\x0a\t ]|<!--[^>]*-->)*<([hH][tT][mM][lL]|[hH][eE][aA][dD]|[bB][oO][dD][yY]|[tT][iI][tT][lL][eE]|[mM][eE][tT][aA]|[tT][aA][bB][lL][eE]|[sS][cC][rR][iI][pP][tT]|[sS][tT][yY][lL][eE]|[iI][fF][rR][aA][mM][eE]|[aA] [hH][rR][eE][fF]|[hH][1-6]|[fF][oO][nN][tT]|[dD][iI][vV]|[cC][eE][nN][tT][eE][rR]|[lL][iI][nN][kK]|[bB][rR]|[pP])[ \t\x0d\x0a\/>]/s
	file-mime "text/html", 30
}

signature file-html-comment {
	file-magic /^[\x0d\x0a\t ]*<!--/s
	file-mime "text/html", 20
}

signature file-xml {
	file-magic /^(\xef\xbb\xbf)?[\x0d\x0a\t ]*<\?xml /s
	file-mime "application/xml", 49
}

signature file-xml-utf16 {
	file-magic /^(\xff\xfe<\x00\?\x00x\x00m\x00l\x00|\xfe\xff\x00<\x00\?\x00x\x00m\x00l)/s
	file-mime "application/xml", 49
}

signature file-soap {
	file-magic /^(\xef\xbb\xbf)?[\x0d\x0a\t ]*(<\?xml[^>]*>[\x0d\x0a\t ]*)?<[a-zA-Z0-9\-]{1,32}:?[eE]nvelope[ \t\x0d\x0a][^>]*http:\/\/(schemas\.xmlsoap\.org|www\.w3\.org\/2003\/05\/soap-envelope)/s
	file-mime "application/soap+xml", 60
}

signature file-rss {
	file-magic /^(\xef\xbb\xbf)?[\x0d\x0a\t ]*(<\?xml[^>]*>[\x0d\x0a\t ]*)?(<!--[^>]*-->[\x0d\x0a\t ]*)*<(rss|RSS)[ \t\x0d\x0a>]/s
	file-mime "text/rss", 90
}

signature file-atom {
	file-magic /^(\xef\xbb\xbf)?[\x0d\x0a\t ]*(<\?xml[^>]*>[\x0d\x0a\t ]*)?<feed[ \t\x0d\x0a][^>]*www\.w3\.org\/2005\/Atom/s
	file-mime "text/atom", 90
}

signature file-xmlrpc {
	file-magic /^(\xef\xbb\xbf)?[\x0d\x0a\t ]*(<\?xml[^>]*>[\x0d\x0a\t ]*)?<(methodCall|methodResponse)[ \t\x0d\x0a>]/s
	file-mime "application/xml-rpc", 90
}

signature file-crossdomain {
	file-magic /^[\x0d\x0a\t ]*(<\?xml[^>]*>[\x0d\x0a\t ]*)?(<!DOCTYPE cross-domain-policy[^>]*>[\x0d\x0a\t ]*)?<cross-domain-policy/s
	file-mime "text/x-cross-domain-policy", 90
}

# A bare word behind the name (null, true) is not evidence enough.
signature file-json {
	file-magic /^(\xef\xbb\xbf)?[\x0d\x0a\t ]*\{[\x0d\x0a\t ]*(\"([^\"\\\x0a]|\\.)*\"[\x0d\x0a\t ]*:[\x0d\x0a\t ]*[\"\[{0-9\-]|\})/s
	file-mime "text/json", 10
}

signature file-json-array {
	file-magic /^(\xef\xbb\xbf)?[\x0d\x0a\t ]*\[[\x0d\x0a\t ]*((\"([^\"\\\x0a]|\\.)*\"|\{[\x0d\x0a\t ]*\"|-?[0-9][0-9.eE+\-]*|true|false|null|\[)[\x0d\x0a\t ]*[,\]\"\[:{0-9\-]|\])/s
	file-mime "text/json", 10
}

# Only what is JavaScript and nothing else: most scripts begin like the text of many a language.
signature file-javascript {
	file-magic /^[\x0d\x0a\t ]*(document\.(write|writeln|cookie|domain|getElement[A-Za-z]*)[ \t]*[(=]|window\.[a-zA-Z_$]+[ \t]*[=(.]|[\"']use strict[\"'];|function[ \t]+[a-zA-Z0-9_$]+[ \t]*\([^()\x0a]*\)[ \t\x0d\x0a]*\{)/s
	file-mime "application/javascript", 30
}

signature file-css {
	file-magic /^([\x0d\x0a\t ]*(@charset |@import |@font-face|@media ))/s
	file-mime "text/css", 30
}

signature file-vcard {
	file-magic /^BEGIN:VCARD/s
	file-mime "text/vcard", 60
}

signature file-ical {
	file-magic /^BEGIN:VCALENDAR/s
	file-mime "text/calendar", 60
}

signature file-tex {
	file-magic /^(\\(documentclass|documentstyle|begin\{document))/s
	file-mime "text/x-tex", 40
}

signature file-diff {
	file-magic /^(diff -|--- [^\x0a]+\x0a\+\+\+ )/s
	file-mime "text/x-diff", 40
}

signature file-bittorrent {
	file-magic /^(d(8:announce|13:announce-list|7:comment|4:info))/s
	file-mime "application/x-bittorrent", 60
}

signature file-mbox {
	file-magic /^From [^\x0a]{1,200}\x0a[A-Z][a-zA-Z\-]*: /s
	file-mime "application/mbox", 40
}

signature file-rfc822 {
	file-magic /^(Return-Path|Received|Message-ID|MIME-Version|X-Mailer): /s
	file-mime "message/rfc822", 35
}

signature file-bom-utf8 {
	file-magic /^\xef\xbb\xbf/s
	file-mime "text/plain", -10
}

signature file-bom-utf16le {
	file-magic /^\xff\xfe[^\x00]\x00/s
	file-mime "text/plain", -10
}

signature file-bom-utf16be {
	file-magic /^\xfe\xff\x00[^\x00]/s
	file-mime "text/plain", -10
}

# Fewer bytes may be anything.
signature file-plain {
	file-magic /^[\t\x0a\x0d\x20-\x7e]{10}/s
	file-mime "text/plain", -20
}

signature file-plain-utf8 {
	file-magic /^([\t\x0a\x0d\x20-\x7e]|[\xc3-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}){10}/s
	file-mime "text/plain", -21
}

# Keys, certificates, signatures

signature file-pgp-signature {
	file-magic /^-----BEGIN PGP SIGNATURE-/s
	file-mime "application/pgp-signature", 60
}

signature file-pgp-message {
	file-magic /^-----BEGIN PGP MESSAGE-/s
	file-mime "application/pgp", 60
}

signature file-pgp-keys {
	file-magic /^(-----BEGIN PGP (PUBLIC|PRIVATE) KEY BLOCK-)/s
	file-mime "application/pgp-keys", 60
}

signature file-pem-certificate {
	file-magic /^-----BEGIN CERTIFICATE-/s
	file-mime "application/x-pem", 40
}

signature file-ocsp-request {
	file-magic /^(\x30([\x00-\x7f]|\x81.|\x82..)\x30([\x00-\x7f]|\x81.|\x82..)(\xa0\x03\x02\x01\x00)?(\xa1.{2,256})?\x30([\x00-\x7f]|\x81.|\x82..)\x30([\x00-\x7f]|\x81.|\x82..)\x30[\x2e-\x7f]\x30[\x07-\x0d]\x06[\x05\x09][\x2b\x60])/s
	file-mime "application/ocsp-request", 70
}

signature file-ocsp-response {
	file-magic /^(\x30([\x03-\x7f]|\x81.|\x82..)\x0a\x01[\x00-\x06](\xa0([\x00-\x7f]|\x81.|\x82..)\x30([\x00-\x7f]|\x81.|\x82..)\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x01|$))/s
	file-mime "application/ocsp-response", 70
}

# Data

signature file-pcap {
	file-magic /^(\xa1\xb2[\xc3\x3c][\xd4\x4d]|[\xd4\x4d][\xc3\x3c]\xb2\xa1)/s
	file-mime "application/vnd.tcpdump.pcap", 70
}

signature file-pcapng {
	file-magic /^(\x0a\x0d\x0d\x0a.{4}(\x1a\x2b\x3c\x4d|\x4d\x3c\x2b\x1a))/s
	file-mime "application/x-pcapng", 70
}

signature file-sqlite {
	file-magic /^SQLite format 3\x00/s
	file-mime "application/x-sqlite3", 70
}

signature file-java-serialized {
	file-magic /^\xac\xed\x00\x05/s
	file-mime "application/x-java-serialized", 60
}

signature file-hdf {
	file-magic /^\x89HDF\x0d\x0a\x1a\x0a/s
	file-mime "application/x-hdf", 70
}

signature file-bplist {
	file-magic /^bplist0/s
	file-mime "application/x-bplist", 70
}

signature file-wim {
	file-magic /^MSWIM\x00\x00\x00/s
	file-mime "application/x-ms-wim", 70
}

signature file-chm {
	file-magic /^ITSF/s
	file-mime "application/vnd.ms-htmlhelp", 60
}

signature file-dmg-zlib {
	file-magic /^\x78\x01\x73\x0d\x62\x62\x60/s
	file-mime "application/x-apple-diskimage", 70
}

signature file-silverlight {
	file-magic /^PK\x03\x04.{26}AppManifest\.xaml/s
	file-mime "application/x-silverlight-app", 70
}
