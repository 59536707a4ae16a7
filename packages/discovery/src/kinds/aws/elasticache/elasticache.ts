import { section } from "@narthex/config";
import { accountFields, credentialFields } from "../aws-account.ts";
import type { AwsKind } from "../aws-kind.ts";
import { type ClusteredAccount, clustersField, concurrencyField, DEFAULT_CONCURRENCY } from "../clustered-account.ts";

/** One entry of `elasticache_sd_configs`. */
export type ElasticacheDiscovery = ClusteredAccount;

const { endpoint, region, refreshIntervalMs, port, httpClient } = accountFields;

/** Finds the caches and cache nodes of Amazon ElastiCache. */
export const elasticacheKind: AwsKind<ElasticacheDiscovery> = {
  name: "elasticache",
  codec: section<ElasticacheDiscovery>("aws.plain", {
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
  open: async (config, context, env) => (await import("./caches.ts")).openCaches(config, context, env),
};
