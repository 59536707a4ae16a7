import { defaultHttpClient } from "@narthex/config";
import { Labels } from "@narthex/model";
import type { JsonValue } from "../../answers/json-value.ts";
import { type TargetLabels, targetsInTurns } from "../../answers/targets-in-turns.ts";
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
export type Find = (session: OpenstackSession, config: OpenstackDiscovery, context: DiscoveryContext) => Promise<Found>;

interface Found {
  readonly items: readonly JsonValue[];
  readonly targetsOf: (item: JsonValue) => TargetLabels | readonly TargetLabels[] | undefined;
}

const roles = new Map<string, Find>([
  ["instance", findInstances],
  ["hypervisor", findHypervisors],
  ["loadbalancer", findLoadBalancers],
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
    const { items, targetsOf } = await find(session, config, context);
    const targets = await targetsInTurns(context.clock, items, targetsOf);
    return [{ source: `OS_${region}`, targets, labels: Labels.EMPTY }];
  };
}
