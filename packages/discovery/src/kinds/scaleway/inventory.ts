import { Labels } from "@narthex/model";
import type { DiscoveryContext } from "../../discoverer.ts";
import type { Refresh } from "../../polled-discoverer.ts";
import { findBaremetalServers } from "./baremetal-servers.ts";
import { findInstances } from "./instances.ts";
import { ScalewayApi } from "./scaleway-api.ts";
import type { ScalewayDiscovery } from "./scaleway-section.ts";

/** Requests everything of one role, and returns its targets. */
type Find = (
  api: ScalewayApi,
  config: ScalewayDiscovery,
  context: Pick<DiscoveryContext, "clock">,
) => Promise<readonly Labels[]>;

const roles = new Map<string, Find>([
  ["instance", findInstances],
  ["baremetal", findBaremetalServers],
]);

/** Returns a function that finds the targets of the section's role in a zone of Scaleway. */
export async function openInventory(config: ScalewayDiscovery, context: DiscoveryContext): Promise<Refresh> {
  const api = await ScalewayApi.open(config, context);
  const find = roles.get(config.role)!;
  return async () => [{ source: "scaleway", targets: await find(api, config, context), labels: Labels.EMPTY }];
}
