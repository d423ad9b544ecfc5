"""The language server where its package is not installed."""

from __future__ import annotations

import sys

from tests import processes


def test_it_says_what_to_install() -> None:
    code = "import sys; sys.modules['pygls'] = None; from bro.cli import main; sys.exit(main(['lsp']))"
    done = processes.run([sys.executable, "-c", code])
    assert done.returncode == 2
    assert "pip install 'bro-nsm[lsp]'" in done.stderr
