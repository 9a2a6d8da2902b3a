"""Files of drafts and initiatives: taken in, looked into, stored under their hash, given out to those who may."""

from sangkien.initiatives.files.adding import add_file, files_of_draft, remove_file
from sangkien.initiatives.files.kinds import ACCEPT
from sangkien.initiatives.files.limits import MEGABYTE, Limits, limits_in_force
from sangkien.initiatives.files.moving import copy_to_draft, move_to_initiative
from sangkien.initiatives.files.reading import open_attachment
from sangkien.initiatives.files.scanning import ClamdScanner, NoScanner, Scanner
from sangkien.initiatives.files.sweeping import Swept, sweep
from sangkien.initiatives.files.uploads import (
    LARGEST_PART,
    WrongPlace,
    cancel_upload,
    finish_upload,
    receive_part,
    start_upload,
)

__all__ = [
    "ACCEPT",
    "LARGEST_PART",
    "MEGABYTE",
    "ClamdScanner",
    "Limits",
    "NoScanner",
    "Scanner",
    "Swept",
    "WrongPlace",
    "add_file",
    "cancel_upload",
    "copy_to_draft",
    "files_of_draft",
    "finish_upload",
    "limits_in_force",
    "move_to_initiative",
    "open_attachment",
    "receive_part",
    "remove_file",
    "start_upload",
    "sweep",
]
