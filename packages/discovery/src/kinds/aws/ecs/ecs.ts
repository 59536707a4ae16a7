import { section } from "@narthex/config";
import { accountFields, credentialFields } from "../aws-account.ts";
import type { AwsKind } from "../aws-kind.ts";
import { type ClusteredAccount, clustersField, concurrencyField, ECS_CONCURRENCY } from "../clustered-account.ts";

/** One entry of `ecs_sd_configs`. */
export type EcsDiscovery = ClusteredAccount;

const { endpoint, region, refreshIntervalMs, port, httpClient } = accountFields;

/** Finds the tasks of Amazon Elastic Container Service. */
export const ecsKind: AwsKind<EcsDiscovery> = {
  name: "ecs",
  codec: section<EcsDiscovery>("aws.plain", {
    region,
    endpoint,
    ...credentialFields,
    clusters: clustersField,
    port,
    refreshIntervalMs,
    requestConcurrency: concurrencyField(ECS_CONCURRENCY),
    httpClient,
  }),
  hasSetLabel: false,
  open: async (config, context, env) => (await import("./tasks.ts")).openTasks(config, context, env),
};
