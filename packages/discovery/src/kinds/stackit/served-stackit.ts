import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { bearer, numbered, type ServedAnswer, type ServedKind, type ServedRequest } from "../../testing/served-kind.ts";

const PROJECT = "00000000-0000-0000-0000-000000000000";
const TOKEN = "canary-stackit-token";
const PATH = `/v1/projects/${PROJECT}/servers`;

const pair = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});

const credentials = {
  kid: "canary-stackit-kid",
  iss: "my-account@sa.stackit.cloud",
  sub: "5a1b8a5c-8b7a-4d4c-9b0e-1f1f1f1f1f1f",
  aud: "https://stackit-service-account-prod.apps.01.cf.eu01.stackit.cloud",
  privateKey: pair.privateKey,
};

/** The APIs as in https://docs.api.eu01.stackit.cloud/documentation/iaas and for tokens of service accounts. */
export const servedStackit: ServedKind = {
  key: "stackit_sd_configs",
  role: "",
  isInPrometheus: false,
  section: ({ viaProxy }) =>
    `project: ${PROJECT}\nport: 9100\nservice_account_key: ${JSON.stringify(JSON.stringify({ id: "1", credentials }))}\n${viaProxy}`,
  serve(count) {
    const items = numbered(count, server);
    return (request) => {
      const { host, path, query, headers } = request;
      if (host === "service-account.api.stackit.cloud") return issue(request);
      if (headers.authorization !== bearer(TOKEN)) return { status: 401, body: { message: "Unauthorized" } };
      if (host !== "iaas.api.eu01.stackit.cloud" || path !== PATH || query.get("details") !== "true")
        return { status: 404, body: { code: 404, msg: "not found" } };
      return { body: { items } };
    };
  },
  // Every tenth server has no address.
  fewestTargets: (instances) => instances - Math.floor(instances / 10),
};

function issue({ method, path, body }: ServedRequest): ServedAnswer {
  const form = new URLSearchParams(body);
  const [header = "", claims = "", signature = ""] = (form.get("assertion") ?? "").split(".");
  const isSigned = verify(
    "sha512",
    Buffer.from(`${header}.${claims}`),
    createPublicKey(pair.publicKey),
    Buffer.from(signature, "base64url"),
  );
  if (method !== "POST" || path !== "/token" || !isSigned) return { status: 401, body: { error: "invalid_grant" } };
  return {
    body: { access_token: TOKEN, expires_in: 600, refresh_token: "canary-refresh", scope: "", token_type: "Bearer" },
  };
}

function cards(i: number): readonly object[] | null {
  if (i % 10 === 0) return null;
  const card = { networkName: "my net/1", ipv4: `10.0.0.${i % 250}`, mac: "fa:16:4f:80:a6:43", nicSecurity: true };
  if (i % 3 === 0) return [card];
  return [{ networkName: "no address" }, card, { ...card, networkName: "two", publicIp: `192.0.2.${i % 250}` }];
}

const server = (i: number): unknown => ({
  availabilityZone: "eu01-3",
  bootVolume: { deleteOnTermination: true, id: "b1" },
  createdAt: "2025-03-01T09:00:00Z",
  id: `b4176700-596a-4f80-9fc8-${String(i).padStart(12, "0")}`,
  keypairName: "key",
  labels: i % 2 === 0 ? { "env/team": "prod", empty: "", number: 1, flag: true } : null,
  launchedAt: "2025-03-01T09:00:00Z",
  machineType: "t1.1",
  name: `runner-${i}`,
  nics: cards(i),
  powerStatus: i % 4 === 0 ? "STOPPED" : "RUNNING",
  serviceAccountMails: [],
  status: i % 4 === 0 ? "INACTIVE" : "ACTIVE",
});
