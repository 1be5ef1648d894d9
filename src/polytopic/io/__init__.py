"""Files: folders of safetensors and JSON, written atomically and checked when read."""

from polytopic.io.atomic import allocate, make_folder, remove_empty, replacing, sync_folder
from polytopic.io.folder import (
    ABOUT,
    FORMAT_VERSION,
    copy_array,
    holding,
    read_checkpoint,
    read_folder,
    read_header,
    refuse_kind,
    write_folder,
)
from polytopic.io.locking import PARTIAL, BusyError, claimed
from polytopic.io.ownership import (
    is_saved_name,
    refuse_foreign,
    refuse_foreign_saved,
    remove_saved,
)

__all__ = [
    "ABOUT",
    "FORMAT_VERSION",
    "PARTIAL",
    "BusyError",
    "allocate",
    "claimed",
    "copy_array",
    "holding",
    "is_saved_name",
    "make_folder",
    "read_checkpoint",
    "read_folder",
    "read_header",
    "refuse_foreign",
    "refuse_foreign_saved",
    "refuse_kind",
    "remove_empty",
    "remove_saved",
    "replacing",
    "sync_folder",
    "write_folder",
]
