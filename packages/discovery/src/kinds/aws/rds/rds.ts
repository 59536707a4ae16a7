import { field, section } from "@narthex/config";
import { type AwsFilter, filterList } from "../aws-account.ts";
import type { AwsKind } from "../aws-kind.ts";
import { type ClusteredAccount, clusteredFields, DEFAULT_CONCURRENCY } from "../clustered-account.ts";

/** One entry of `rds_sd_configs`. */
export interface RdsDiscovery extends ClusteredAccount {
  readonly filters: readonly AwsFilter[];
}

/** Finds the instances of the database clusters of Amazon RDS. */
export const rdsKind: AwsKind<RdsDiscovery> = {
  name: "rds",
  codec: section<RdsDiscovery>(
    "aws.plain",
    clusteredFields(DEFAULT_CONCURRENCY, { filters: field("filters", filterList, [], true) }),
  ),
  hasSetLabel: false,
  open: async (config, context, env) => (await import("./instances.ts")).openInstances(config, context, env),
};
