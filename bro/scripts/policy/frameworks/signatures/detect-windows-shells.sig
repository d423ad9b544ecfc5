# What the command interpreter of Windows says when it starts, sent by a host on a port where none is expected: an
# interactive session that somebody has opened.

signature windows_reverse_shell {
    ip-proto == tcp
    tcp-state established,originator
    payload /^\r*\n?Microsoft Windows \[Version [0-9.]{3,30}\]\r?\n\(c\) .{0,24}Microsoft Corporation/
    event "ATTACK::Execution Microsoft Windows shell, opened towards the responder"
}

signature windows_shell {
    ip-proto == tcp
    tcp-state established,responder
    payload /^\r*\n?Microsoft Windows \[Version [0-9.]{3,30}\]\r?\n\(c\) .{0,24}Microsoft Corporation/
    event "ATTACK::Execution Microsoft Windows shell"
}

signature windows_reverse_powershell {
    ip-proto == tcp
    tcp-state established,originator
    payload /^Windows PowerShell[^\n]{0,40}\r?\nCopyright \([cC]\) .{0,24}Microsoft Corporation/
    event "ATTACK::Execution PowerShell, opened towards the responder"
}

signature windows_powershell {
    ip-proto == tcp
    tcp-state established,responder
    payload /^Windows PowerShell[^\n]{0,40}\r?\nCopyright \([cC]\) .{0,24}Microsoft Corporation/
    event "ATTACK::Execution PowerShell"
}
