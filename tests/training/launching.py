"""Starting a script in several processes, as the docs say."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path


def launched(
    folder: Path, content: str, *arguments: str, processes: int = 2
) -> subprocess.CompletedProcess[str]:
    """Run a script by ``torchrun``; one process is started plainly."""
    script = folder / "fit.py"
    script.write_text(content)
    launch = [sys.executable]
    if processes > 1:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = str(free.getsockname()[1])
        launch += ["-m", "torch.distributed.run", "--nproc-per-node", str(processes)]
        launch += ["--master-addr", "127.0.0.1", "--master-port", port]
    return subprocess.run(
        [*launch, str(script), *arguments], capture_output=True, text=True, timeout=300
    )
