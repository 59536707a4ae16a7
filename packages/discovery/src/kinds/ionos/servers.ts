import { retried } from "@narthex/http";
import { Labels } from "@narthex/model";
import { JsonApi } from "../../answers/json-api.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import { type TargetLabels, targetsInTurns } from "../../answers/targets-in-turns.ts";
import { type DiscoveryContext, pauseOf } from "../../discoverer.ts";
import { DiscoveryClient } from "../../discovery-client.ts";
import type { Refresh } from "../../polled-discoverer.ts";
import { hostPort, joinedList, sanitizeLabelName } from "../../target-labels.ts";
import type { IonosDiscovery } from "./ionos.ts";

/** Requests to an overloaded service are repeated as IONOS' library does. */
const RETRYING = { attempts: 3, pauseMs: 100, maxPauseMs: 4000 };

/**
 * Returns a function that lists the servers of a data center; https://api.ionos.com/docs/cloud/v6/#tag/Servers. The
 * answer has all servers, with their network cards and volumes, on one page.
 */
export async function openServers(config: IonosDiscovery, context: DiscoveryContext): Promise<Refresh> {
  const client = await DiscoveryClient.open(config.httpClient, context);
  const timeoutMs = config.refreshIntervalMs;
  const api = new JsonApi({ client, context, base: "https://api.ionos.com/cloudapi/v6", timeoutMs });
  const path = `/datacenters/${encodeURIComponent(config.datacenterId)}/servers`;
  return async () => {
    const answer = await retried(pauseOf(context), RETRYING, () => api.get(path, { depth: 3 }));
    const listId = answer.text("id");
    const targets = await targetsInTurns(context.clock, answer.list("items"), (server) =>
      labelsOf(server, listId, config.port),
    );
    return [{ source: "ionos", targets, labels: Labels.EMPTY }];
  };
}

/** Addresses of a server, and by network card. The addresses of the last card come first. */
interface Addresses {
  readonly all: readonly string[];
  readonly byCard: ReadonlyMap<string, readonly string[]>;
}

function labelsOf(server: JsonValue, listId: string, port: number): TargetLabels | undefined {
  const { all, byCard } = addressesOf(server);
  if (all.length === 0) return undefined;
  const properties = server.field("properties");
  const [firstVolume] = server.at("entities", "volumes").list("items");
  const cardLabels = [...byCard].map(
    ([name, ips]) => [`__meta_ionos_server_nic_ip_${sanitizeLabelName(name)}`, outerJoined(ips)] as const,
  );
  return {
    __address__: hostPort(all[0]!, port),
    __meta_ionos_server_ip: joinedList(all),
    __meta_ionos_server_availability_zone: properties.text("availabilityZone"),
    __meta_ionos_server_boot_cdrom_id: properties.field("bootCdrom").text("id"),
    __meta_ionos_server_boot_image_id: firstVolume?.field("properties").text("image") ?? "",
    __meta_ionos_server_boot_volume_id: properties.field("bootVolume").text("id"),
    __meta_ionos_server_cpu_family: properties.text("cpuFamily"),
    __meta_ionos_server_id: server.text("id"),
    __meta_ionos_server_lifecycle: server.field("metadata").text("state"),
    __meta_ionos_server_name: properties.text("name"),
    __meta_ionos_server_servers_id: listId,
    __meta_ionos_server_state: properties.text("vmState"),
    __meta_ionos_server_type: properties.text("type"),
    ...Object.fromEntries(cardLabels),
  };
}

function addressesOf(server: JsonValue): Addresses {
  let all: readonly string[] = [];
  const byCard = new Map<string, readonly string[]>();
  for (const card of server.at("entities", "nics").list("items")) {
    const properties = card.field("properties");
    if (properties.isNull) continue;
    const name = properties.field("name").isNull ? "unnamed" : properties.text("name");
    const ips = properties.texts("ips");
    all = [...ips, ...all];
    byCard.set(name, [...ips, ...(byCard.get(name) ?? [])]);
  }
  return { all, byCard };
}

/** Returns `,a,b,`. A card without addresses has the label `,,`, as in Prometheus. */
const outerJoined = (ips: readonly string[]): string => `,${ips.join(",")},`;
