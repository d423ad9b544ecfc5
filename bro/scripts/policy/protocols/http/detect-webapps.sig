# Applications by what their pages say of what made them.

signature webapp-wordpress {
    ip-proto == tcp
    tcp-state established,responder
    http-reply-body /.*<meta name=\"generator\" content=\"WordPress/
    event "WordPress"
}

signature webapp-drupal {
    ip-proto == tcp
    tcp-state established,responder
    http-reply-header /^X-Generator: Drupal/
    event "Drupal"
}

signature webapp-joomla {
    ip-proto == tcp
    tcp-state established,responder
    http-reply-body /.*<meta name=\"generator\" content=\"Joomla!/
    event "Joomla!"
}

signature webapp-mediawiki {
    ip-proto == tcp
    tcp-state established,responder
    http-reply-body /.*<meta name=\"generator\" content=\"MediaWiki/
    event "MediaWiki"
}
