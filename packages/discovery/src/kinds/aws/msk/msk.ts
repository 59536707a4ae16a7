import { section } from "@narthex/config";
import type { AwsKind } from "../aws-kind.ts";
import { type ClusteredAccount, clusteredFields, DEFAULT_CONCURRENCY } from "../clustered-account.ts";

/** One entry of `msk_sd_configs`. */
export type MskDiscovery = ClusteredAccount;

/** Finds the brokers and controllers of Amazon Managed Streaming for Apache Kafka. */
export const mskKind: AwsKind<MskDiscovery> = {
  name: "msk",
  codec: section<MskDiscovery>("aws.plain", clusteredFields(DEFAULT_CONCURRENCY, {})),
  hasSetLabel: false,
  open: async (config, context, env) => (await import("./nodes.ts")).openNodes(config, context, env),
};
