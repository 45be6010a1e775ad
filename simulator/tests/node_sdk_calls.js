// Every call of IBM's Node SDK, in an order in which each can succeed. Prints one line of JSON: the status of each call by its name.
// Arguments: the URL of the simulator, an API key of a Manager, one of a Writer, the id of an instance. The clock is moved through the
// control API.
"use strict";

const KeyProtectV2 = require("@ibm-cloud/ibm-key-protect/ibm-key-protect-api/v2");
const { IamAuthenticator } = require("@ibm-cloud/ibm-key-protect/auth");

const [url, managersKey, writersKey, bluemixInstance] = process.argv.slice(2);
const client = (apikey) => new KeyProtectV2({ authenticator: new IamAuthenticator({ apikey, url }), serviceUrl: url });
const manager = client(managersKey);
const writer = client(writersKey);
const KEY = "application/vnd.ibm.kms.key+json";
const POLICY = "application/vnd.ibm.kms.policy+json";
const statuses = {};

const collection = (type, ...resources) => ({ metadata: { collectionType: type, collectionTotal: resources.length }, resources });
const bytes = (document) => Buffer.from(JSON.stringify(document));

async function call(name, parameters = {}, by = manager) {
  const answer = await by[name]({ bluemixInstance, ...parameters });
  statuses[name] = answer.status;
  return answer.result;
}

async function move(seconds) {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`${url}/_simulator/clock`, { method: "POST", headers, body: JSON.stringify({ seconds }) });
  if (!answer.ok) throw new Error(await answer.text());
}

async function main() {
  await call("createKeyRing", { keyRingId: "node" });
  await call("listKeyRings");
  const made = await call("createKey", {
    body: bytes(collection(KEY, { type: KEY, name: "from node", extractable: false })),
    prefer: "return=representation",
    xKmsKeyRing: "node",
  });
  const id = made.resources[0].id;
  await call("getKeyCollectionMetadata", { state: [1, 2], extractable: false });
  await call("getKeys", { limit: 10, offset: 0, state: [1, 5], extractable: false, xKmsKeyRing: "node" });
  await call("getKey", { id });
  await call("getKeyMetadata", { id });
  await call("getKeyVersions", { id, limit: 5, offset: 0, totalCount: true, allKeyStates: true });
  await call("createKeyAlias", { id, alias: "from-node" });
  await call("deleteKeyAlias", { id, alias: "from-node" });
  const { ciphertext } = await call("wrapKey", { id, keyActionWrapBody: bytes({ plaintext: "c2VjcmV0", aad: ["a"] }) });
  const opened = await call("unwrapKey", { id, keyActionUnwrapBody: bytes({ ciphertext, aad: ["a"] }) });
  if (opened.plaintext !== "c2VjcmV0") throw new Error("another plaintext came back");
  await call("rotateKey", { id });
  await call("rewrapKey", { id, keyActionRewrapBody: bytes({ ciphertext, aad: ["a"] }) });
  await move(3600);
  await call("syncAssociatedResources", { id });
  await call("disableKey", { id });
  await move(30);
  await call("enableKey", { id });
  const dualAuth = collection(POLICY, { type: POLICY, dualAuthDelete: { enabled: true } });
  await call("putPolicy", { id, policy: "dualAuthDelete", setKeyPoliciesOneOf: dualAuth });
  await call("getPolicy", { id });
  const instance = collection(POLICY, { policy_type: "metrics", policy_data: { enabled: true } });
  await call("putInstancePolicy", { policy: "metrics", setInstancePoliciesOneOf: instance });
  await call("getInstancePolicy", { policy: "metrics" });
  await call("getAllowedIpPort");
  await call("postImportToken", { expiration: 600, maxAllowedRetrievals: 1 });
  await call("getImportToken");
  await call("getRegistrations", { id, limit: 5, urlEncodedResourceCRNQuery: "crn%3Av1%3A", preventKeyDeletion: true });
  await call("getRegistrationsAllKeys", { limit: 5, urlEncodedResourceCRNQuery: "crn%3Av1%3A" });
  await call("setKeyForDeletion", { id }, writer);
  await call("unsetKeyForDeletion", { id }, writer);
  await call("setKeyForDeletion", { id }, writer);
  await call("deleteKey", { id, prefer: "return=representation", force: true });
  await move(30);
  await call("restoreKey", { id, prefer: "return=representation" });
  await call("setKeyForDeletion", { id }, writer);
  await call("deleteKey", { id });
  await call("createKeyRing", { keyRingId: "empty" });
  await call("deleteKeyRing", { keyRingId: "empty" });
  const all = Object.getOwnPropertyNames(KeyProtectV2.prototype).filter((name) => name !== "constructor");
  console.log(JSON.stringify({ statuses, left: all.filter((name) => !(name in statuses)) }));
}

main().catch((error) => {
  console.error(Object.keys(statuses).pop(), "was the last call that succeeded:", error.body || error.stack);
  process.exit(1);
});
