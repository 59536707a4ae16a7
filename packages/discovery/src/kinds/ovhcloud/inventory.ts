import { concernsAllItems } from "../../answers/answer-error.ts";
import { Labels } from "@narthex/model";
import { errorText, mapWithLimit } from "@narthex/runtime";
import type { JsonApi } from "../../answers/json-api.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import { type TargetLabels, targetsInTurns } from "../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import type { Refresh } from "../../polled-discoverer.ts";
import { dedicatedServerLabels } from "./dedicated-servers.ts";
import { openApi } from "./ovhcloud-api.ts";
import type { OvhcloudDiscovery } from "./ovhcloud.ts";
import { type ServerAddresses, serverAddresses } from "./server-addresses.ts";
import { vpsLabels } from "./vps.ts";

/** Maximum number of servers whose details are requested at the same time. */
const AT_ONCE = 8;

/** A kind of server: the path of its list, and the labels of one. */
interface ServerKind {
  readonly path: string;
  readonly labels: (server: JsonValue, addresses: ServerAddresses) => TargetLabels;
}

const services = new Map<string, ServerKind>([
  ["vps", { path: "/vps", labels: vpsLabels }],
  ["dedicated_server", { path: "/dedicated/server", labels: dedicatedServerLabels }],
]);

interface FoundServer {
  readonly details: JsonValue;
  readonly addresses: ServerAddresses;
}

/**
 * Returns a function that finds the servers of an OVHcloud account; https://api.ovh.com/console. A server whose details
 * are refused or unusable is logged, and is no target. If the service fails, the refresh fails and all targets stay.
 */
export async function openInventory(config: OvhcloudDiscovery, context: DiscoveryContext): Promise<Refresh> {
  const connect = await openApi(config, context);
  const { path, labels } = services.get(config.service)!;
  const source = `ovhcloud_${config.service}`;
  return async () => {
    const api = await connect();
    const names = (await api.get(path)).items().map((name) => name.asText());
    const found = await mapWithLimit(names, AT_ONCE, async (name) => {
      try {
        return await detailsOf(api, `${path}/${encodeURIComponent(name)}`);
      } catch (error) {
        if (concernsAllItems(error)) throw error;
        context.logger.warn(`${source}: Could not get details of ${name}`, { err: errorText(error) });
        return undefined;
      }
    });
    const targets = await targetsInTurns(context.clock, found, (server) =>
      server === undefined ? undefined : labels(server.details, server.addresses),
    );
    return [{ source, targets, labels: Labels.EMPTY }];
  };
}

async function detailsOf(api: JsonApi, path: string): Promise<FoundServer> {
  const details = await api.get(path);
  const addresses = (await api.get(`${path}/ips`)).items().map((address) => address.asText());
  return { details, addresses: serverAddresses(addresses) };
}
