import { JsonApi } from "../../answers/json-api.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import { DiscoveryClient } from "../../discovery-client.ts";
import type { Refresh } from "../../polled-discoverer.ts";
import type { TargetGroup } from "../../target-group.ts";
import { findDatabases } from "./databases.ts";
import type { DigitalOceanDiscovery } from "./digitalocean.ts";
import { findDroplets } from "./droplets.ts";

/** Requests everything of one role, and returns it as a group of targets. */
type Find = (api: JsonApi, port: number, context: Pick<DiscoveryContext, "clock">) => Promise<TargetGroup>;

const roles = new Map<string, Find>([
  ["droplets", findDroplets],
  ["databases", findDatabases],
]);

/** Returns a function that finds the targets of the section's role in a DigitalOcean account. */
export async function openInventory(config: DigitalOceanDiscovery, context: DiscoveryContext): Promise<Refresh> {
  const client = await DiscoveryClient.open(config.httpClient, context);
  const timeoutMs = config.refreshIntervalMs;
  const api = new JsonApi({ client, context, base: "https://api.digitalocean.com/v2", timeoutMs });
  const find = roles.get(config.role)!;
  return async () => [await find(api, config.port, context)];
}
