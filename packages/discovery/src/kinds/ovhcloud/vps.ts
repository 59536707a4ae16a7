import type { JsonValue } from "../../answers/json-value.ts";
import type { TargetLabels } from "../../answers/targets-in-turns.ts";
import type { ServerAddresses } from "./server-addresses.ts";

/** Returns the labels of a virtual private server. Its address has no port, as in Prometheus. */
export function vpsLabels(server: JsonValue, { ipv4, ipv6, first }: ServerAddresses): TargetLabels {
  const model = server.field("model");
  return {
    __address__: first,
    instance: server.text("name"),
    __meta_ovhcloud_vps_offer: model.text("offer"),
    __meta_ovhcloud_vps_datacenter: `[${model.texts("datacenter").join(" ")}]`,
    __meta_ovhcloud_vps_model_vcore: model.integer("vcore"),
    __meta_ovhcloud_vps_maximum_additional_ip: model.integer("maximumAdditionnalIp"),
    __meta_ovhcloud_vps_version: model.text("version"),
    __meta_ovhcloud_vps_model_name: model.text("name"),
    __meta_ovhcloud_vps_disk: model.integer("disk"),
    __meta_ovhcloud_vps_memory: model.integer("memory"),
    __meta_ovhcloud_vps_zone: server.text("zone"),
    __meta_ovhcloud_vps_display_name: server.text("displayName"),
    __meta_ovhcloud_vps_cluster: server.text("cluster"),
    __meta_ovhcloud_vps_state: server.text("state"),
    __meta_ovhcloud_vps_name: server.text("name"),
    __meta_ovhcloud_vps_netboot_mode: server.text("netbootMode"),
    __meta_ovhcloud_vps_memory_limit: server.integer("memoryLimit"),
    __meta_ovhcloud_vps_offer_type: server.text("offerType"),
    __meta_ovhcloud_vps_vcore: server.integer("vcore"),
    __meta_ovhcloud_vps_ipv4: ipv4,
    __meta_ovhcloud_vps_ipv6: ipv6,
  };
}
