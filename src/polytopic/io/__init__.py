"""Files: folders of safetensors and JSON, written atomically and checked when read."""

from polytopic.io.atomic import PARTIAL, replacing
from polytopic.io.folder import (
    FORMAT_VERSION,
    read_checkpoint,
    read_folder,
    read_header,
    write_folder,
)

__all__ = [
    "FORMAT_VERSION",
    "PARTIAL",
    "read_checkpoint",
    "read_folder",
    "read_header",
    "replacing",
    "write_folder",
]
