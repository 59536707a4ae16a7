import {
  field,
  filePath,
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
  urlText,
} from "@narthex/config";
import { definePolled } from "../../polled-discoverer.ts";

/** One entry of `outscale_sd_configs`. */
export interface OutscaleDiscovery {
  /** URL of the API. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: Secret | undefined;
  readonly secretKeyFile: string;
  readonly refreshIntervalMs: number;
  readonly port: number;
  readonly httpClient: HttpClientConfig;
}

/** Finds the virtual machines of an OUTSCALE account. */
export const outscaleDiscoverer = definePolled<OutscaleDiscovery>({
  key: "outscale_sd_configs",
  name: "outscale",
  codec: section<OutscaleDiscovery>(
    "outscale.plain",
    {
      endpoint: field("endpoint", urlText, ""),
      region: field("region", text, "eu-west-2", true),
      accessKey: field("access_key", text, "", true),
      secretKey: optional("secret_key", secret),
      secretKeyFile: field("secret_key_file", filePath, "", true),
      refreshIntervalMs: field("refresh_interval", millis, 60_000),
      port: field("port", integer, 80, true),
      httpClient: inline(httpClientSection({ enableHttp2: true })),
    },
    (value, at, report) => {
      const problem = problemOf(value);
      if (problem !== undefined) {
        report(at[problem.field], "outscale", problem.message, problem.hint);
        return INVALID;
      }
      return { ...value, endpoint: value.endpoint || `https://api.${value.region}.outscale.com/api/v1` };
    },
  ),
  intervalMs: (config) => config.refreshIntervalMs,
  open: async (config, context) => (await import("./virtual-machines.ts")).openVirtualMachines(config, context),
});

interface FieldProblem {
  readonly field: "self" | keyof OutscaleDiscovery;
  readonly message: string;
  readonly hint: string;
}

function problemOf({ region, accessKey, secretKey, secretKeyFile }: OutscaleDiscovery): FieldProblem | undefined {
  if (region === "") {
    const message = "outscale SD configuration requires a region";
    return { field: "region", message, hint: "write a region such as eu-west-2" };
  }
  if (accessKey === "") {
    const message = "outscale SD configuration requires access_key";
    return { field: "accessKey", message, hint: "write the ID of an access key" };
  }
  const hasSecret = secretKey !== undefined && secretKey.reveal() !== "";
  if (hasSecret === (secretKeyFile !== "")) {
    const message = `${hasSecret ? "at most one" : "one"} of secret_key & secret_key_file must be configured`;
    const hint = hasSecret ? "keep one of them" : "write the secret key, or the path of a file with it";
    return { field: hasSecret ? "secretKeyFile" : "self", message, hint };
  }
  return undefined;
}
