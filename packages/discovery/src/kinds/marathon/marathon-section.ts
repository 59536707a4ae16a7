import {
  field,
  filePath,
  type HttpClientConfig,
  httpClientSection,
  inline,
  INVALID,
  listOf,
  millis,
  optional,
  type Secret,
  secret,
  section,
  urlText,
} from "@narthex/config";
import { bearerKeys } from "../../fields/bearer-keys.ts";

/** One entry of `marathon_sd_configs`. */
export interface MarathonDiscovery {
  /** URLs of the servers of one cluster. Each refresh uses one of them. */
  readonly servers: readonly string[];
  readonly refreshIntervalMs: number;
  /** Token of DC/OS. */
  readonly authToken: Secret | undefined;
  readonly authTokenFile: string;
  readonly httpClient: HttpClientConfig;
}

interface RawMarathonDiscovery extends MarathonDiscovery {
  readonly usesBearerToken: boolean;
}

export const marathonSection = section<RawMarathonDiscovery, MarathonDiscovery>(
  "marathon.plain",
  {
    servers: field("servers", listOf(urlText), []),
    refreshIntervalMs: field("refresh_interval", millis, 30_000),
    authToken: optional("auth_token", secret),
    authTokenFile: field("auth_token_file", filePath, ""),
    usesBearerToken: bearerKeys,
    httpClient: inline(httpClientSection({ enableHttp2: true })),
  },
  ({ usesBearerToken, ...value }, at, report) => {
    if (value.servers.length === 0) {
      const message = "marathon_sd: must contain at least one Marathon server";
      report(at.servers, "marathon-sd-servers", message, "write the URL of a server, such as http://marathon:8080");
      return INVALID;
    }
    const conflict = authConflict(value, usesBearerToken);
    if (conflict === undefined) return value;
    const position = isGiven(value.authToken) ? at.authToken : at.authTokenFile;
    report(position, "auth-conflict", `marathon_sd: at most one of ${conflict} must be configured`, "keep one of them");
    return INVALID;
  },
);

const isGiven = (token: Secret | undefined): boolean => token !== undefined && token.reveal() !== "";

function authConflict(
  { authToken, authTokenFile, httpClient }: MarathonDiscovery,
  usesBearerToken: boolean,
): string | undefined {
  if (!isGiven(authToken) && authTokenFile === "") return undefined;
  if (isGiven(authToken) && authTokenFile !== "") return "auth_token & auth_token_file";
  if (httpClient.basicAuth !== undefined) return "basic_auth, auth_token & auth_token_file";
  if (usesBearerToken) return "bearer_token, bearer_token_file, auth_token & auth_token_file";
  return httpClient.authorization === undefined ? undefined : "auth_token, auth_token_file & authorization";
}
