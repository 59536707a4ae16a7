import {
  field,
  type HttpClientConfig,
  httpClientSection,
  inline,
  integer,
  INVALID,
  millis,
  optional,
  type Secret,
  secret,
  section,
  text,
  urlProblem,
  urlText,
  withoutPassword,
} from "@narthex/config";
import { quote } from "@narthex/model";
import type { Discoverer } from "../../discoverer.ts";
import { definePolled } from "../../polled-discoverer.ts";

/** One entry of `stackit_sd_configs`. Relative paths begin at the working directory of the process, as in Prometheus. */
export interface StackitDiscovery {
  readonly httpClient: HttpClientConfig;
  readonly project: string;
  readonly refreshIntervalMs: number;
  readonly port: number;
  readonly region: string;
  /** URL of the API, or "" for the API of the region. */
  readonly endpoint: string;
  readonly serviceAccountKey: Secret | undefined;
  readonly privateKey: Secret | undefined;
  readonly serviceAccountKeyPath: string;
  readonly privateKeyPath: string;
  readonly credentialsFilePath: string;
}

/** Variables of the environment that STACKIT's library reads as well. */
export type StackitEnvironment = Readonly<Record<string, string | undefined>>;

const stackitSection = section<StackitDiscovery>(
  "stackit.plain",
  {
    httpClient: inline(httpClientSection({ enableHttp2: true })),
    project: field("project", text, "", true),
    refreshIntervalMs: field("refresh_interval", millis, 60_000),
    port: field("port", integer, 80),
    region: field("region", text, "eu01"),
    endpoint: field("endpoint", urlText, ""),
    serviceAccountKey: optional("service_account_key", secret),
    privateKey: optional("private_key", secret),
    serviceAccountKeyPath: field("service_account_key_path", text, ""),
    privateKeyPath: field("private_key_path", text, ""),
    credentialsFilePath: field("credentials_file_path", text, ""),
  },
  (value, at, report) => {
    const { endpoint, region } = value;
    if (endpoint === "" && region === "") {
      report(at.region, "stackit", "stackit_sd: endpoint and region missing", "write a region such as eu01");
      return INVALID;
    }
    const problem = urlProblem(endpoint);
    if (problem === undefined) return value;
    const message = `stackit_sd: invalid endpoint ${quote(withoutPassword(endpoint))}: ${problem}`;
    report(at.endpoint, "stackit", message, "write a URL such as https://iaas.api.eu01.stackit.cloud");
    return INVALID;
  },
);

export const createStackitDiscoverer = (env: StackitEnvironment): Discoverer =>
  definePolled<StackitDiscovery>({
    key: "stackit_sd_configs",
    name: "stackit",
    codec: stackitSection,
    intervalMs: (config) => config.refreshIntervalMs,
    open: async (config, context) => (await import("./servers.ts")).openServers(config, context, env),
  });

/** Finds the servers of a STACKIT project. */
export const stackitDiscoverer: Discoverer = createStackitDiscoverer(process.env);
