"""Tables of initiatives: what they say and what happened to them, drafts, files."""

from sangkien.initiatives.models.deciding import Appeal, BenefitNorm, BulkDecision, BulkItem, SecondLook
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
    Flag,
    Initiative,
    Kind,
    Response,
)

__all__ = [
    "FIGURES",
    "Appeal",
    "AskedField",
    "Attachment",
    "Author",
    "BenefitNorm",
    "BulkDecision",
    "BulkItem",
    "CodeKeyRecord",
    "Draft",
    "DraftFile",
    "EligibilityRecord",
    "Event",
    "EventPart",
    "Flag",
    "Initiative",
    "Kind",
    "Response",
    "SecondLook",
    "SubmissionKey",
    "Upload",
    "UploadPart",
]
