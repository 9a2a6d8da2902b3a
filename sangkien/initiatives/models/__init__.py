"""Tables of initiatives: what they say and what happened to them, drafts, files."""

from sangkien.initiatives.models.drafts import Draft, SubmissionKey
from sangkien.initiatives.models.files import Attachment, DraftFile, Upload, UploadPart
from sangkien.initiatives.models.initiative import (
    FIGURES,
    AskedField,
    Author,
    CodeKeyRecord,
    EligibilityRecord,
    Event,
    EventPart,
    Initiative,
    Kind,
    Response,
)

__all__ = [
    "FIGURES",
    "AskedField",
    "Attachment",
    "Author",
    "CodeKeyRecord",
    "Draft",
    "DraftFile",
    "EligibilityRecord",
    "Event",
    "EventPart",
    "Initiative",
    "Kind",
    "Response",
    "SubmissionKey",
    "Upload",
    "UploadPart",
]
