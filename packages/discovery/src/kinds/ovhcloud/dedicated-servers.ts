import type { JsonValue } from "../../answers/json-value.ts";
import type { TargetLabels } from "../../answers/targets-in-turns.ts";
import type { ServerAddresses } from "./server-addresses.ts";

/** Returns the labels of a dedicated server. Its address has no port, as in Prometheus. */
export const dedicatedServerLabels = (server: JsonValue, { ipv4, ipv6, first }: ServerAddresses): TargetLabels => ({
  __address__: first,
  instance: server.text("name"),
  __meta_ovhcloud_dedicated_server_state: server.text("state"),
  __meta_ovhcloud_dedicated_server_commercial_range: server.text("commercialRange"),
  __meta_ovhcloud_dedicated_server_link_speed: server.integer("linkSpeed"),
  __meta_ovhcloud_dedicated_server_rack: server.text("rack"),
  __meta_ovhcloud_dedicated_server_no_intervention: String(server.flag("noIntervention")),
  __meta_ovhcloud_dedicated_server_os: server.text("os"),
  __meta_ovhcloud_dedicated_server_support_level: server.text("supportLevel"),
  __meta_ovhcloud_dedicated_server_server_id: server.integer("serverId"),
  __meta_ovhcloud_dedicated_server_reverse: server.text("reverse"),
  __meta_ovhcloud_dedicated_server_datacenter: server.text("datacenter"),
  __meta_ovhcloud_dedicated_server_name: server.text("name"),
  __meta_ovhcloud_dedicated_server_ipv4: ipv4,
  __meta_ovhcloud_dedicated_server_ipv6: ipv6,
});
