import { section } from "@narthex/config";
import { accountFields, credentialFields } from "../aws-account.ts";
import type { AwsKind } from "../aws-kind.ts";
import { type ClusteredAccount, clustersField, concurrencyField, DEFAULT_CONCURRENCY } from "../clustered-account.ts";

/** One entry of `msk_sd_configs`. */
export type MskDiscovery = ClusteredAccount;

const { endpoint, region, refreshIntervalMs, port, httpClient } = accountFields;

/** Finds the brokers and controllers of Amazon Managed Streaming for Apache Kafka. */
export const mskKind: AwsKind<MskDiscovery> = {
  name: "msk",
  codec: section<MskDiscovery>("aws.plain", {
    region,
    endpoint,
    ...credentialFields,
    clusters: clustersField,
    port,
    refreshIntervalMs,
    requestConcurrency: concurrencyField(DEFAULT_CONCURRENCY),
    httpClient,
  }),
  hasSetLabel: false,
  open: async (config, context, env) => (await import("./nodes.ts")).openNodes(config, context, env),
};
