import { section } from "@narthex/config";
import { accountFields, type AwsAccount, credentialFields } from "../aws-account.ts";
import type { AwsKind } from "../aws-kind.ts";

/** One entry of `lightsail_sd_configs`. */
export type LightsailDiscovery = AwsAccount;

const { endpoint, region, refreshIntervalMs, port, httpClient } = accountFields;

/** Finds the instances of Amazon Lightsail. */
export const lightsailKind: AwsKind<LightsailDiscovery> = {
  name: "lightsail",
  codec: section<LightsailDiscovery>("aws.plain", {
    endpoint,
    region,
    ...credentialFields,
    refreshIntervalMs,
    port,
    httpClient,
  }),
  hasSetLabel: true,
  open: async (config, context, env) => (await import("./instances.ts")).openInstances(config, context, env),
};
