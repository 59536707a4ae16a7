import { defaultHttpClient } from "@narthex/config";
import { Labels } from "@narthex/model";
import type { TargetLabels } from "../../answers/targets-in-turns.ts";
import { targetsInTurns } from "../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import { DiscoveryClient } from "../../discovery-client.ts";
import type { Refresh } from "../../polled-discoverer.ts";
import { accountOf } from "./account.ts";
import { findHypervisors } from "./hypervisors.ts";
import { findInstances } from "./instances.ts";
import { findLoadBalancers } from "./load-balancers.ts";
import type { OpenstackDiscovery } from "./openstack.ts";
import { OpenstackSession } from "./session.ts";

/** Returns all items of one role, and a function that returns the targets of an item. */
export type Find<T> = (
  session: OpenstackSession,
  config: OpenstackDiscovery,
  context: DiscoveryContext,
) => Promise<Found<T>>;

export interface Found<T> {
  readonly items: readonly T[];
  readonly targetsOf: (item: T) => TargetLabels | readonly TargetLabels[] | undefined;
}

/** Converts the items of one role to targets. */
const finding =
  <T>(find: Find<T>) =>
  async (
    session: OpenstackSession,
    config: OpenstackDiscovery,
    context: DiscoveryContext,
  ): Promise<readonly Labels[]> => {
    const { items, targetsOf } = await find(session, config, context);
    return targetsInTurns(context.clock, items, targetsOf);
  };

const roles = new Map<string, ReturnType<typeof finding>>([
  ["instance", finding(findInstances)],
  ["hypervisor", finding(findHypervisors)],
  ["loadbalancer", finding(findLoadBalancers)],
]);

/**
 * Returns a function that finds the targets of the section's role. Each refresh requests a new token. Rejects if neither
 * the section nor the environment contains an account.
 */
export async function openInventory(
  config: OpenstackDiscovery,
  context: DiscoveryContext,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Refresh> {
  const account = accountOf(config, env);
  const client = await DiscoveryClient.open({ ...defaultHttpClient, tls: config.tls }, context);
  const find = roles.get(config.role)!;
  const { region, availability, refreshIntervalMs: timeoutMs } = config;
  return async () => {
    const session = await OpenstackSession.open({ client, context, account, region, availability, timeoutMs });
    const targets = await find(session, config, context);
    return [{ source: `OS_${region}`, targets, labels: Labels.EMPTY }];
  };
}
