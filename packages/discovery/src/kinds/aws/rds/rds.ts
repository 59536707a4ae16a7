import { field, section } from "@narthex/config";
import { accountFields, type AwsFilter, credentialFields, filterList } from "../aws-account.ts";
import type { AwsKind } from "../aws-kind.ts";
import { type ClusteredAccount, clustersField, concurrencyField, DEFAULT_CONCURRENCY } from "../clustered-account.ts";

/** One entry of `rds_sd_configs`. */
export interface RdsDiscovery extends ClusteredAccount {
  readonly filters: readonly AwsFilter[];
}

const { endpoint, region, refreshIntervalMs, port, httpClient } = accountFields;

/** Finds the instances of the database clusters of Amazon RDS. */
export const rdsKind: AwsKind<RdsDiscovery> = {
  name: "rds",
  codec: section<RdsDiscovery>("aws.plain", {
    region,
    endpoint,
    ...credentialFields,
    clusters: clustersField,
    port,
    refreshIntervalMs,
    filters: field("filters", filterList, [], true),
    requestConcurrency: concurrencyField(DEFAULT_CONCURRENCY),
    httpClient,
  }),
  hasSetLabel: false,
  open: async (config, context, env) => (await import("./instances.ts")).openInstances(config, context, env),
};
