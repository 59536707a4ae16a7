import { Labels } from "@narthex/model";
import type { DiscoveryContext } from "../../discoverer.ts";
import { DiscoveryClient } from "../../discovery-client.ts";
import type { Refresh } from "../../polled-discoverer.ts";
import { findCloudServers } from "./cloud-servers.ts";
import { findDedicatedServers } from "./dedicated-servers.ts";
import type { HetznerDiscovery } from "./hetzner.ts";

/** Requests everything of one role, and returns its targets. */
type Find = (
  client: DiscoveryClient,
  config: HetznerDiscovery,
  context: Pick<DiscoveryContext, "clock">,
) => Promise<readonly Labels[]>;

const roles = new Map<string, Find>([
  ["hcloud", findCloudServers],
  ["robot", findDedicatedServers],
]);

/** Returns a function that finds the targets of the section's role in a Hetzner account. */
export async function openInventory(config: HetznerDiscovery, context: DiscoveryContext): Promise<Refresh> {
  const client = await DiscoveryClient.open(config.httpClient, context);
  const find = roles.get(config.role)!;
  return async () => [{ source: "hetzner", targets: await find(client, config, context), labels: Labels.EMPTY }];
}
