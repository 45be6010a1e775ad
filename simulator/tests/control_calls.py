"""What the tests of the control API and of seeds ask with."""

from __future__ import annotations

import httpx


def keys_of(running, api_key, instance):
    """What the simulator answers about the keys of an instance to an API key."""
    token = httpx.post(
        running.iam_url, data={"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": api_key}, timeout=10
    ).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Bluemix-Instance": instance}
    return httpx.get(f"{running.url}/api/v2/keys?state=0,1,2,3,5", headers=headers, timeout=10).json().get("resources", [])


def refused(answer, status):
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    return answer.json()["error"]
