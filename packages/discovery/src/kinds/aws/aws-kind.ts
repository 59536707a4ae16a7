import type { Codec } from "@narthex/config";
import type { AwsEnvironment } from "@narthex/http";
import type { Discoverer, DiscoveryContext } from "../../discoverer.ts";
import { definePolled, type Refresh } from "../../polled-discoverer.ts";
import type { AwsAccount } from "./aws-account.ts";

/** A service of AWS in which targets are found: with a section of its own, and as a role of `aws_sd_configs`. */
export interface AwsKind<C extends AwsAccount> {
  /** Name of the kind and of the role, such as `ecs`. */
  readonly name: AwsRole;
  readonly codec: Codec<C>;
  /** Whether the metrics of refreshes name the set. Upstream's newer kinds leave the label empty. */
  readonly hasSetLabel: boolean;
  open(config: C, context: DiscoveryContext, env: AwsEnvironment): Promise<Refresh>;
}

/** Values of the field `role` in `aws_sd_configs`. */
export type AwsRole = "ec2" | "ecs" | "elasticache" | "lightsail" | "msk" | "rds";

/** Returns the discoverer for the section of one kind, such as `ecs_sd_configs`. */
export const defineAws = <C extends AwsAccount>(kind: AwsKind<C>, env: AwsEnvironment = process.env): Discoverer =>
  definePolled<C>({
    key: `${kind.name}_sd_configs`,
    name: kind.name,
    codec: kind.codec,
    intervalMs: (config) => config.refreshIntervalMs,
    refreshLabels: (_, set) => awsRefreshLabels(kind, set),
    open: (config, context) => kind.open(config, context, env),
  });

/** Returns the labels of the metrics of refreshes. */
export const awsRefreshLabels = (
  { name, hasSetLabel }: Pick<AwsKind<AwsAccount>, "name" | "hasSetLabel">,
  set: string,
): { mechanism: string; config: string } => ({ mechanism: name, config: hasSetLabel ? set : "" });
