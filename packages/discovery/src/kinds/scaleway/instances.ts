import type { Labels } from "@narthex/model";
import { goIpText } from "../../answers/ip-text.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import { type TargetLabels, targetsInTurns } from "../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import { hostPort, joinedList } from "../../target-labels.ts";
import { regionOf } from "./zone-region.ts";
import { privateNicAddresses } from "./private-nics.ts";
import type { ScalewayApi } from "./scaleway-api.ts";
import type { ScalewayDiscovery } from "./scaleway-section.ts";

/** Finds instances; https://www.scaleway.com/en/developers/api/instances/#path-instances-list-all-instances. */
export async function findInstances(
  api: ScalewayApi,
  { zone, nameFilter, tagsFilter, port }: ScalewayDiscovery,
  { clock }: Pick<DiscoveryContext, "clock">,
): Promise<readonly Labels[]> {
  const servers = await api.list(`/instance/v1/zones/${zone}/servers`, "servers", {
    name: nameFilter || undefined,
    tags: tagsFilter.join(",") || undefined,
  });
  const nics = await privateNicAddresses(api, servers);
  return targetsInTurns(clock, servers, (server) => labelsOf(server, nics, port));
}

function labelsOf(server: JsonValue, nics: ReadonlyMap<string, string>, port: number): TargetLabels | undefined {
  const addresses = addressLabels(server, nics);
  if (addresses.scraped === "") return undefined;
  const zone = server.text("zone");
  const image = server.field("image");
  const location = server.field("location");
  const group = server.field("security_group");
  return {
    __address__: hostPort(addresses.scraped, port),
    ...addresses.labels,
    __meta_scaleway_instance_boot_type: server.text("boot_type"),
    __meta_scaleway_instance_hostname: server.text("hostname"),
    __meta_scaleway_instance_id: server.text("id"),
    __meta_scaleway_instance_name: server.text("name"),
    __meta_scaleway_instance_organization_id: server.text("organization"),
    __meta_scaleway_instance_project_id: server.text("project"),
    __meta_scaleway_instance_status: server.text("state"),
    __meta_scaleway_instance_type: server.text("commercial_type"),
    __meta_scaleway_instance_zone: zone,
    __meta_scaleway_instance_region: regionOf(zone),
    __meta_scaleway_instance_image_arch: image.text("arch"),
    __meta_scaleway_instance_image_id: image.text("id"),
    __meta_scaleway_instance_image_name: image.text("name"),
    __meta_scaleway_instance_location_cluster_id: location.text("cluster_id"),
    __meta_scaleway_instance_location_hypervisor_id: location.text("hypervisor_id"),
    __meta_scaleway_instance_location_node_id: location.text("node_id"),
    __meta_scaleway_instance_security_group_id: group.text("id"),
    __meta_scaleway_instance_security_group_name: group.text("name"),
    __meta_scaleway_instance_tags: joinedList(server.texts("tags")),
  };
}

/** The labels for the addresses of an instance, and the address that is scraped. */
interface InstanceAddresses {
  readonly scraped: string;
  readonly labels: TargetLabels;
}

function addressLabels(server: JsonValue, nics: ReadonlyMap<string, string>): InstanceAddresses {
  const publicIps = server.list("public_ips");
  const ofFamily = (family: string): readonly string[] =>
    publicIps.filter((ip) => ip.text("family") === family).map((ip) => goIpText(ip.text("address")));
  const ipv6 = addressOf(server.field("ipv6"));
  const publicIp = addressOf(server.field("public_ip"));
  const isIpv6 = server.field("public_ip").text("family") === "inet6";
  const own = server.text("private_ip");
  const nic = server.list("private_nics").map((card) => nics.get(card.text("id")) ?? "");
  const privateIp = own || (publicIp || ipv6 ? "" : (nic.find((ip) => ip !== "") ?? ""));
  return {
    scraped: privateIp || publicIp || ipv6,
    labels: {
      __meta_scaleway_instance_public_ipv4_addresses: joinedList(ofFamily("inet")),
      __meta_scaleway_instance_public_ipv6_addresses: joinedList(ofFamily("inet6")),
      __meta_scaleway_instance_public_ipv6: ipv6,
      __meta_scaleway_instance_public_ipv4: isIpv6 ? "" : publicIp,
      __meta_scaleway_instance_private_ipv4: privateIp,
    },
  };
}

const addressOf = (ip: JsonValue): string => (ip.isNull ? "" : goIpText(ip.text("address")));
