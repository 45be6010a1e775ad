"""Bad input, derived from the field tables: each fault fails its own batch item with the right Result Reason, and touches nothing else.

The faults themselves, and the clauses for their reasons, are in `faulty_payloads`.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from faulty_payloads import faults_of
from kmip_server.codec import decode, encode
from kmip_server.engine.engine import answers
from kmip_server.enums import BatchErrorContinuationOption, ItemType, Operation, QueryFunction, ResultReason, ResultStatus, Tag
from kmip_server.messages import QueryRequest, ResponseMessage
from kmip_server.operations.table import offer_of
from kmip_server.personality import REFERENCE
from kmip_server.versions import VERSIONS, KmipVersion
from specimens import request_payloads

if TYPE_CHECKING:
    from pathlib import Path
