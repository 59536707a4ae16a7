import type { Labels } from "@narthex/model";
import { isIpv4 } from "../../answers/ip-text.ts";
import { JsonApi } from "../../answers/json-api.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import { type TargetLabels, targetsInTurns } from "../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import type { DiscoveryClient } from "../../discovery-client.ts";
import { hostPort } from "../../target-labels.ts";
import type { HetznerDiscovery } from "./hetzner.ts";

/** Finds dedicated servers; https://robot.hetzner.com/doc/webservice/en.html#get-server. */
export async function findDedicatedServers(
  client: DiscoveryClient,
  { refreshIntervalMs: timeoutMs, port }: HetznerDiscovery,
  context: Pick<DiscoveryContext, "clock">,
): Promise<readonly Labels[]> {
  const api = new JsonApi({ client, context, base: "https://robot-ws.your-server.de", timeoutMs });
  const servers = (await api.get("/server")).items();
  return targetsInTurns(context.clock, servers, (item) => labelsOf(item.field("server"), port));
}

function labelsOf(server: JsonValue, port: number): TargetLabels {
  const datacenter = server.text("dc").toLowerCase();
  const network = server.list("subnet").find((subnet) => !isIpv4(subnet.text("ip")));
  return {
    __address__: hostPort(server.text("server_ip"), port),
    __meta_hetzner_role: "robot",
    __meta_hetzner_server_id: server.integer("server_number"),
    __meta_hetzner_server_name: server.text("server_name"),
    __meta_hetzner_server_status: server.text("status"),
    __meta_hetzner_datacenter: datacenter,
    __meta_hetzner_public_ipv4: server.text("server_ip"),
    __meta_hetzner_public_ipv6_network: network === undefined ? "" : `${network.text("ip")}/${network.text("mask")}`,
    __meta_hetzner_robot_datacenter: datacenter,
    __meta_hetzner_robot_product: server.text("product"),
    __meta_hetzner_robot_cancelled: String(server.flag("cancelled")),
  };
}
