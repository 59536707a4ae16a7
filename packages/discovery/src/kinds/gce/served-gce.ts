import { defaultHttpClient } from "@narthex/config";
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  bearer,
  numbered,
  pageOf,
  proxyEnvironment,
  type ServedKind,
  type ServedPlace,
} from "../../testing/served-kind.ts";
import { createGceDiscoverer } from "./gce.ts";

const TOKEN = "canary-gce-token";
const PROJECT = "https://www.googleapis.com/compute/v1/projects/narthex";
const ZONE = `${PROJECT}/zones/europe-west1-b`;

/**
 * The API as in https://cloud.google.com/compute/docs/reference/rest/v1/instances/list with
 * the token server for service accounts.
 */
export const servedGce: ServedKind = {
  key: "gce_sd_configs",
  role: "",
  isInPrometheus: true,
  isInVmagent: true,
  section: () => "project: narthex\nzone: europe-west1-b\nfilter: 'labels.env=prod'\nport: 9100\n",
  environment: (place) => ({ ...proxyEnvironment(place), GOOGLE_APPLICATION_CREDENTIALS: accountFile(place) }),
  discoverer: (place) =>
    createGceDiscoverer({
      credentialsFile: accountFile(place),
      httpClient: {
        ...defaultHttpClient,
        proxyUrl: place.url,
        tls: { ...defaultHttpClient.tls, insecureSkipVerify: true },
      },
    }),
  serve(count) {
    const instances = numbered(count, gceInstance);
    return ({ method, host, path, query, headers, body }) => {
      if (host === "oauth2.googleapis.com" && path === "/token") {
        const grant = new URLSearchParams(body).get("grant_type");
        return method === "POST" && grant === "urn:ietf:params:oauth:grant-type:jwt-bearer"
          ? { body: token }
          : NOT_FOUND;
      }
      if (headers.authorization !== bearer(TOKEN))
        return { status: 401, body: { error: { code: 401, message: "Login Required." } } };
      const isList = path === "/compute/v1/projects/narthex/zones/europe-west1-b/instances";
      if (host !== "compute.googleapis.com" || !isList) return NOT_FOUND;
      if (query.get("filter") !== "labels.env=prod")
        return { status: 400, body: { error: { message: "Invalid filter" } } };
      const { items, next } = pageOf(instances, 100, query.get("pageToken") ?? "");
      const more = next === "" ? {} : { nextPageToken: next };
      return { body: { kind: "compute#instanceList", ...(items.length > 0 && { items }), ...more } };
    };
  },
};

const token = { access_token: TOKEN, expires_in: 3599, token_type: "Bearer" };
const NOT_FOUND = { status: 404, body: { error: { code: 404, message: "Not Found" } } };

/** Writes the key of a service account, and returns its path. */
function accountFile({ folder }: ServedPlace): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const path = join(folder, "canary-account.json");
  const account = {
    type: "service_account",
    token_uri: "https://oauth2.googleapis.com/token",
    client_email: "reader@narthex.iam.gserviceaccount.com",
    private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
  };
  writeFileSync(path, JSON.stringify(account));
  return path;
}

/** Returns an instance of the list, with and without what an instance can lack. */
export const gceInstance = (i: number): Readonly<Record<string, unknown>> => ({
  kind: "compute#instance",
  id: `71232198374612387${i}`,
  name: `web-${i}`,
  status: i % 5 === 0 ? "TERMINATED" : "RUNNING",
  machineType: `${ZONE}/machineTypes/e2-small`,
  zone: ZONE,
  tags: i % 3 === 0 ? { fingerprint: "42WmSpB8rSM=" } : { items: ["http-server", "web"], fingerprint: "42WmSpB8rSM=" },
  metadata: { items: [{ key: "ssh-keys", value: "a:b" }, { key: "startup" }, { key: "empty", value: "" }] },
  labels: i % 4 === 0 ? undefined : { env: "prod", "k8s-io/cluster.name": `c${i}` },
  networkInterfaces: [
    {
      name: "nic0",
      network: `${PROJECT}/global/networks/default`,
      subnetwork: `${PROJECT}/regions/europe-west1/subnetworks/default`,
      networkIP: `10.132.${Math.trunc(i / 250)}.${i % 250}`,
      accessConfigs: [{ type: i % 7 === 0 ? "DIRECT_IPV6" : "ONE_TO_ONE_NAT", natIP: `198.51.100.${i % 250}` }],
    },
    { name: "nic1-b", network: `${PROJECT}/global/networks/other`, networkIP: `10.9.0.${i % 250}` },
  ].slice(0, i % 2 === 0 ? 1 : 2),
});
