import {
  field,
  filePath,
  type HttpClientConfig,
  httpClientSection,
  inline,
  integer,
  INVALID,
  listOf,
  millis,
  optional,
  type Secret,
  secret,
  section,
  text,
} from "@narthex/config";
import { formatDuration, quote } from "@narthex/model";
import type { Discoverer } from "../../discoverer.ts";
import { definePolled } from "../../polled-discoverer.ts";

/** One entry of `oci_sd_configs`. */
export interface OciDiscovery {
  /** How requests are signed: with the `api_key` of a user, or as the `instance_principal` of the machine. */
  readonly auth: string;
  readonly tenancy: string;
  readonly user: string;
  readonly fingerprint: string;
  readonly keyFile: string;
  readonly keyPassphrase: Secret | undefined;
  readonly keyPassphraseFile: string;
  readonly region: string;
  /** IDs of compartments. If empty, all active compartments of the tenancy. */
  readonly compartments: readonly string[];
  readonly httpClient: HttpClientConfig;
  readonly port: number;
  readonly refreshIntervalMs: number;
}

/** Environment and limits of a discoverer of Oracle Cloud. */
export interface OciAccess {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Largest number of requests a second. Default: 10, because Oracle refuses more requests of one user. */
  readonly requestsPerSecond?: number;
}

const ociSection = section<OciDiscovery>(
  "oci.plain",
  {
    auth: field("auth", text, "api_key"),
    tenancy: field("tenancy", text, ""),
    user: field("user", text, ""),
    fingerprint: field("fingerprint", text, ""),
    keyFile: field("key_file", filePath, ""),
    keyPassphrase: optional("key_passphrase", secret),
    keyPassphraseFile: field("key_passphrase_file", filePath, ""),
    region: field("region", text, "", true),
    compartments: field("compartments", listOf(text), []),
    httpClient: inline(httpClientSection({ enableHttp2: true })),
    port: field("port", integer, 80, true),
    refreshIntervalMs: field("refresh_interval", millis, 60_000, true),
  },
  (value, at, report) => {
    const problem = problemOf(value);
    if (problem === undefined) return value;
    const [key, message, hint] = problem;
    report(at[key], "oci-sd", `oci_sd: ${message}`, hint);
    return INVALID;
  },
);

type Problem = readonly [key: keyof OciDiscovery, message: string, hint: string];

/** Returns the first problem of a section in Prometheus' order. */
function problemOf(value: OciDiscovery): Problem | undefined {
  if (value.region === "") return ["region", "region is required", "add region, such as eu-frankfurt-1"];
  const problem = authProblem(value);
  if (problem !== undefined) return problem;
  const empty = value.compartments.indexOf("");
  if (empty >= 0) {
    return ["compartments", `compartments[${empty}] must not be empty`, "write the OCID of a compartment"];
  }
  if (value.refreshIntervalMs > 0) return undefined;
  const message = `refresh_interval must be positive, got ${formatDuration(value.refreshIntervalMs)}`;
  return ["refreshIntervalMs", message, "write a duration such as 60s"];
}

/** The required fields of an API key. */
const KEY_FIELDS = [
  ["tenancy", "tenancy"],
  ["user", "user"],
  ["fingerprint", "fingerprint"],
  ["keyFile", "key_file"],
] as const;

function authProblem(value: OciDiscovery): Problem | undefined {
  const hasPassphrase = (value.keyPassphrase?.reveal() ?? "") !== "";
  if (value.auth === "api_key") {
    const missing = KEY_FIELDS.find(([key]) => value[key] === "");
    if (missing !== undefined) {
      return [
        missing[0],
        `api_key auth requires ${missing[1]}`,
        `add ${missing[1]}, or write auth: instance_principal`,
      ];
    }
    if (!hasPassphrase || value.keyPassphraseFile === "") return undefined;
    const message = "at most one of key_passphrase and key_passphrase_file must be configured";
    return ["keyPassphraseFile", message, "keep one of them"];
  }
  if (value.auth !== "instance_principal") {
    const message = `unknown auth method ${quote(value.auth)}, expected "api_key" or "instance_principal"`;
    return ["auth", message, "write auth: api_key or auth: instance_principal"];
  }
  if (!hasPassphrase && value.keyPassphraseFile === "" && KEY_FIELDS.every(([key]) => value[key] === ""))
    return undefined;
  const message =
    "instance_principal auth must not have tenancy, user, fingerprint, key_file, key_passphrase, or key_passphrase_file set";
  return ["auth", message, "remove these keys: the machine has its own certificate"];
}

/** Returns a discoverer for the instances of Oracle Cloud. */
export const createOciDiscoverer = (access: OciAccess): Discoverer =>
  definePolled<OciDiscovery>({
    key: "oci_sd_configs",
    name: "oci",
    codec: ociSection,
    intervalMs: (config) => config.refreshIntervalMs,
    open: async (config, context) => (await import("./inventory.ts")).openInventory(config, context, access),
  });

/** Finds the compute instances of Oracle Cloud. */
export const ociDiscoverer = createOciDiscoverer({ env: process.env });
