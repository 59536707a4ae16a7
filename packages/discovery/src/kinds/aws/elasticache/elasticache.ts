import { section } from "@narthex/config";
import type { AwsKind } from "../aws-kind.ts";
import { type ClusteredAccount, clusteredFields, DEFAULT_CONCURRENCY } from "../clustered-account.ts";

/** One entry of `elasticache_sd_configs`. */
export type ElasticacheDiscovery = ClusteredAccount;

/** Finds the caches and cache nodes of Amazon ElastiCache. */
export const elasticacheKind: AwsKind<ElasticacheDiscovery> = {
  name: "elasticache",
  codec: section<ElasticacheDiscovery>("aws.plain", clusteredFields(DEFAULT_CONCURRENCY, {})),
  hasSetLabel: false,
  open: async (config, context, env) => (await import("./caches.ts")).openCaches(config, context, env),
};
