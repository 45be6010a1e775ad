"""IBM's own Node SDK, unchanged, over real HTTP: every call that it has (`node_sdk_calls.js`).

The SDK is installed from the registry that npm knows. Where that cannot be, the test is skipped and says so.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from keyprotect_simulator.roles import Role
from keyprotect_simulator.testing import running_simulator

SDK = "@ibm-cloud/ibm-key-protect@0.1.2"
SCRIPT = Path(__file__).with_name("node_sdk_calls.js")
CREATED, DONE, FOUND = 201, 204, 200
STATUSES = {
    **dict.fromkeys(("createKey", "createKeyAlias", "createKeyRing", "restoreKey"), CREATED),
    **dict.fromkeys(("rotateKey", "disableKey", "enableKey", "syncAssociatedResources", "setKeyForDeletion", "unsetKeyForDeletion"), DONE),
    **dict.fromkeys(("deleteKey", "deleteKeyAlias", "deleteKeyRing", "putInstancePolicy"), DONE),
    **dict.fromkeys(("wrapKey", "unwrapKey", "rewrapKey", "getKeyCollectionMetadata", "getKeys", "getKey", "getKeyMetadata"), FOUND),
    **dict.fromkeys(("getKeyVersions", "listKeyRings", "putPolicy", "getPolicy", "getInstancePolicy", "getAllowedIpPort"), FOUND),
    **dict.fromkeys(("postImportToken", "getImportToken", "getRegistrations", "getRegistrationsAllKeys"), FOUND),
}


@pytest.fixture(scope="module")
def node_modules(tmp_path_factory):
    """A folder in which node finds the SDK."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed")
    folder = tmp_path_factory.mktemp("node")
    quietly = ("--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=0")
    try:
        installed = subprocess.run(
            [npm, "install", *quietly, "--prefix", str(folder), SDK], capture_output=True, text=True, timeout=120, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm does not come to an end with {SDK}: is its registry out of reach?")
    if installed.returncode:
        pytest.skip(f"npm cannot install {SDK}: {installed.stderr.strip().splitlines()[-1]}")
    return folder / "node_modules"


@pytest.mark.slow
def test_every_call_of_the_node_sdk_succeeds(node_modules):
    with running_simulator() as simulator:
        manager, writer = (simulator.add_service_id(role).api_key for role in (Role.MANAGER, Role.WRITER))
        command = ["node", str(SCRIPT), simulator.url, manager, writer, simulator.instance_id]
        environment = {**os.environ, "NODE_PATH": str(node_modules)}
        ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert ran.returncode == 0, ran.stderr
    outcome = json.loads(ran.stdout)
    assert outcome["left"] == []
    assert outcome["statuses"] == STATUSES
