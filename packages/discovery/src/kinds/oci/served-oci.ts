import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { numbered, pageOf, type ServedAnswer, type ServedKind, type ServedRequest } from "../../testing/served-kind.ts";
import { createOciDiscoverer } from "./oci.ts";

export const TENANCY = "ocid1.tenancy.oc1..narthex";
const USER = "ocid1.user.oc1..reader";
const FINGERPRINT = "20:3b:97:13:55:1c:5b:0d:d3:37:d8:50:4e:c5:3a:34";
const PASSPHRASE = "canary-oci-passphrase";

/** Key of the user, made when it is needed first. */
let pair: { readonly privateKey: string; readonly publicKey: KeyObject } | undefined;

function userKey() {
  if (pair === undefined) {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const encrypted = privateKey.export({
      type: "pkcs8",
      format: "pem",
      cipher: "aes-256-cbc",
      passphrase: PASSPHRASE,
    });
    pair = { privateKey: encrypted as string, publicKey: createPublicKey(privateKey) };
  }
  return pair;
}

/** The APIs as in https://docs.oracle.com/en-us/iaas/api/#/en/iaas/20160918/, which verify the signature of each request. */
export const servedOci: ServedKind = {
  key: "oci_sd_configs",
  role: "",
  isInPrometheus: false,
  section({ folder, viaProxy }) {
    const keyFile = join(folder, "oci-key.pem");
    writeFileSync(keyFile, userKey().privateKey);
    return (
      `tenancy: ${TENANCY}\nuser: ${USER}\nfingerprint: "${FINGERPRINT}"\nkey_file: ${keyFile}\n` +
      `key_passphrase: ${PASSPHRASE}\nregion: eu-frankfurt-1\nport: 9100\n${viaProxy}`
    );
  },
  discoverer: () => createOciDiscoverer({ env: {}, requestsPerSecond: Infinity }),
  fewestTargets: (count) => count - Math.trunc(count / 50),
  serve(count) {
    const cloud = ociCloud(numbered(count, ociInstance));
    const key = { keyId: `${TENANCY}/${USER}/${FINGERPRINT}`, publicKey: userKey().publicKey };
    return (request) => (isSigned(request, key) ? cloud(request) : NOT_AUTHENTICATED);
  },
};

const NOT_AUTHENTICATED = {
  status: 401,
  body: {
    code: "NotAuthenticated",
    message: "The required information to complete authentication was not provided or was incorrect.",
  },
};
const NOT_FOUND = { status: 404, body: { code: "NotAuthorizedOrNotFound", message: "Not found." } };

/** Returns the APIs of a cloud with a root compartment and two in it, over which these instances are distributed. */
export function ociCloud(instances: readonly Readonly<Record<string, unknown>>[]) {
  const byCompartment = Map.groupBy(instances, ({ compartmentId }) => String(compartmentId));
  return ({ host, path, query }: ServedRequest): ServedAnswer => {
    const page = (items: readonly unknown[]): ServedAnswer => {
      const { items: body, next } = pageOf(items, Number(query.get("limit")), query.get("page") ?? "");
      return { body, ...(next !== "" && { headers: { "opc-next-page": next } }) };
    };
    const id = query.get("compartmentId") ?? "";
    const place = `${host}${path}`;
    if (place === "identity.eu-frankfurt-1.oci.oraclecloud.com/20160918/compartments") {
      return page(id === TENANCY ? ["a", "b", "gone"].map(compartment) : []);
    }
    if (place === "iaas.eu-frankfurt-1.oraclecloud.com/20160918/instances") return page(byCompartment.get(id) ?? []);
    if (place === "iaas.eu-frankfurt-1.oraclecloud.com/20160918/vnicAttachments") {
      return page(attachments(query.get("instanceId") ?? ""));
    }
    const vnic = /^\/20160918\/vnics\/(.+)$/.exec(path)?.[1];
    return host === "iaas.eu-frankfurt-1.oraclecloud.com" && vnic !== undefined ? { body: ociVnic(vnic) } : NOT_FOUND;
  };
}

/** Returns whether a request has a valid signature of its date, target and host. */
function isSigned(
  { method, host, path, query, headers }: ServedRequest,
  { keyId, publicKey }: { readonly keyId: string; readonly publicKey: KeyObject },
): boolean {
  const target = `${path}${query.size === 0 ? "" : `?${query.toString()}`}`;
  const text = `date: ${headers.date}\n(request-target): ${method.toLowerCase()} ${target}\nhost: ${host}`;
  const head = `Signature version="1",headers="date (request-target) host",keyId="${keyId}",algorithm="rsa-sha256",signature="`;
  const authorization = headers.authorization ?? "";
  if (!authorization.startsWith(head) || !authorization.endsWith('"')) return false;
  return verify("sha256", Buffer.from(text), publicKey, Buffer.from(authorization.slice(head.length, -1), "base64"));
}

const compartment = (name: string): unknown => ({
  id: `ocid1.compartment.oc1..${name}`,
  name,
  lifecycleState: name === "gone" ? "DELETED" : "ACTIVE",
});

/** Returns an instance in one of three compartments. */
export const ociInstance = (i: number): Readonly<Record<string, unknown>> => ({
  id: `ocid1.instance.oc1.eu-frankfurt-1.${i}`,
  displayName: `web ${i}`,
  compartmentId: [TENANCY, "ocid1.compartment.oc1..a", "ocid1.compartment.oc1..b"][i % 3],
  availabilityDomain: "Uocm:EU-FRANKFURT-1-AD-1",
  faultDomain: "FAULT-DOMAIN-2",
  region: "eu-frankfurt-1",
  shape: "VM.Standard.E4.Flex",
  imageId: "ocid1.image.oc1.eu-frankfurt-1.x",
  lifecycleState: i % 5 === 0 ? "STOPPED" : "RUNNING",
  freeformTags: { "Team Name": "monitoring", empty: "" },
  definedTags: { Operations: { CostCenter: "42", "is.live": true, weight: 1.5, size: 1e21, list: ["a"], none: null } },
});

/** Returns the attachments of an instance: a card that was removed, and in most cases the primary card. */
const attachments = (instanceId: string): readonly unknown[] => {
  const i = instanceId.split(".").at(-1)!;
  const attached = { vnicId: `vnic-${i}`, lifecycleState: "ATTACHED" };
  return [{ vnicId: "vnic-0", lifecycleState: "DETACHED" }, ...(Number(i) % 50 === 0 ? [] : [attached])];
};

const ociVnic = (id: string): unknown => {
  const i = Number(id.split("-")[1]);
  return {
    id,
    isPrimary: true,
    privateIp: i % 4 === 0 ? null : `10.0.${Math.trunc(i / 250)}.${i % 250}`,
    publicIp: i % 8 === 0 ? null : `198.51.100.${i % 250}`,
    ipv6Addresses: [`2001:db8::b:${i}`, `2001:db8::a:${i}`],
    hostnameLabel: `web-${i}`,
  };
};
