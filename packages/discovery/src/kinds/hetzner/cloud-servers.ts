import type { Labels } from "@narthex/model";
import { goIpText, networkText } from "../../answers/ip-text.ts";
import { JsonApi, type Query } from "../../answers/json-api.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import { readPages } from "../../answers/pages.ts";
import { type TargetLabels, targetsInTurns } from "../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import type { DiscoveryClient } from "../../discovery-client.ts";
import { hostPort, prefixedLabels, sanitizeLabelName } from "../../target-labels.ts";
import type { HetznerDiscovery } from "./hetzner.ts";

const PER_PAGE = 50;

/** Finds the servers of Hetzner Cloud; https://docs.hetzner.cloud/reference/cloud#servers-list-servers. */
export async function findCloudServers(
  client: DiscoveryClient,
  { refreshIntervalMs: timeoutMs, labelSelector, port }: HetznerDiscovery,
  context: Pick<DiscoveryContext, "clock">,
): Promise<readonly Labels[]> {
  const api = new JsonApi({ client, context, base: "https://api.hetzner.cloud/v1", timeoutMs });
  const servers = await listOf(api, "servers", { label_selector: labelSelector || undefined });
  const networks = await listOf(api, "networks");
  const networkNames = new Map(networks.map((network) => [network.integer("id"), network.text("name")]));
  return targetsInTurns(context.clock, servers, (server) => labelsOf(server, networkNames, port));
}

/** Returns all items of a list. */
const listOf = (api: JsonApi, name: string, query: Query = {}): Promise<readonly JsonValue[]> =>
  readPages("1", async (page) => {
    const answer = await api.get(`/${name}`, { ...query, page, per_page: PER_PAGE });
    const next = answer.at("meta", "pagination").integer("next_page");
    return { items: answer.list(name), next: next === "0" ? undefined : next };
  });

function labelsOf(server: JsonValue, networkNames: ReadonlyMap<string, string>, port: number): TargetLabels {
  const type = server.field("server_type");
  const publicIpv4 = goIpText(server.at("public_net", "ipv4").text("ip"));
  const location = server.field("location").text("name");
  const zone = server.field("location").text("network_zone");
  return {
    __address__: hostPort(publicIpv4, port),
    __meta_hetzner_role: "hcloud",
    __meta_hetzner_server_id: server.integer("id"),
    __meta_hetzner_server_name: server.text("name"),
    __meta_hetzner_server_status: server.text("status"),
    __meta_hetzner_public_ipv4: publicIpv4,
    __meta_hetzner_public_ipv6_network: networkText(server.at("public_net", "ipv6").text("ip")) ?? "<nil>",
    __meta_hetzner_hcloud_location: location,
    __meta_hetzner_hcloud_location_network_zone: zone,
    __meta_hetzner_hcloud_datacenter_location: location,
    __meta_hetzner_hcloud_datacenter_location_network_zone: zone,
    __meta_hetzner_hcloud_server_type: type.text("name"),
    __meta_hetzner_hcloud_cpu_cores: type.integer("cores"),
    __meta_hetzner_hcloud_cpu_type: type.text("cpu_type"),
    __meta_hetzner_hcloud_memory_size_gb: String(Math.trunc(type.number("memory"))),
    __meta_hetzner_hcloud_disk_size_gb: type.integer("disk"),
    ...imageLabels(server.field("image")),
    ...privateAddresses(server.list("private_net"), networkNames),
    ...serverLabels(server.textsByName("labels")),
  };
}

const imageLabels = (image: JsonValue): TargetLabels => ({
  __meta_hetzner_hcloud_image_name: image.text("name"),
  __meta_hetzner_hcloud_image_description: image.text("description"),
  __meta_hetzner_hcloud_image_os_version: image.text("os_version"),
  __meta_hetzner_hcloud_image_os_flavor: image.text("os_flavor"),
});

function privateAddresses(networks: readonly JsonValue[], names: ReadonlyMap<string, string>): TargetLabels {
  const labels: Record<string, string> = {};
  for (const network of networks) {
    const name = names.get(network.integer("network"));
    if (name === undefined) continue;
    labels[`__meta_hetzner_hcloud_private_ipv4_${sanitizeLabelName(name)}`] = goIpText(network.text("ip"));
  }
  return labels;
}

function serverLabels(labels: Readonly<Record<string, string>>): TargetLabels {
  const present = Object.fromEntries(Object.keys(labels).map((name) => [name, "true"]));
  return {
    ...prefixedLabels("__meta_hetzner_hcloud_label_", labels),
    ...prefixedLabels("__meta_hetzner_hcloud_labelpresent_", present),
  };
}
