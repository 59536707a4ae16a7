import { section } from "@narthex/config";
import type { AwsKind } from "../aws-kind.ts";
import { type ClusteredAccount, clusteredFields, ECS_CONCURRENCY } from "../clustered-account.ts";

/** One entry of `ecs_sd_configs`. */
export type EcsDiscovery = ClusteredAccount;

/** Finds the tasks of Amazon Elastic Container Service. */
export const ecsKind: AwsKind<EcsDiscovery> = {
  name: "ecs",
  codec: section<EcsDiscovery>("aws.plain", clusteredFields(ECS_CONCURRENCY, {})),
  hasSetLabel: false,
  open: async (config, context, env) => (await import("./tasks.ts")).openTasks(config, context, env),
};
