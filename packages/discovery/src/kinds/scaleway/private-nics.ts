import { goIpText } from "../../answers/ip-text.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import type { ScalewayApi } from "./scaleway-api.ts";
import { regionOf } from "./zone-region.ts";

/** Maximum number of cards in the URL of one request. */
const CARDS_A_REQUEST = 50;

/**
 * Returns the IPv4 addresses of private network cards by the ID of the card, for all instances that have no other
 * address; https://www.scaleway.com/en/developers/api/ipam/#path-ips-list-existing-ips.
 */
export async function privateNicAddresses(
  api: ScalewayApi,
  servers: readonly JsonValue[],
): Promise<ReadonlyMap<string, string>> {
  const addresses = new Map<string, string>();
  for (const [region, cards] of cardsByRegion(servers)) {
    for (let at = 0; at < cards.length; at += CARDS_A_REQUEST) {
      const ips = await api.list(`/ipam/v1/regions/${region}/ips`, "ips", {
        resource_ids: cards.slice(at, at + CARDS_A_REQUEST),
        resource_types: ["instance_private_nic"],
      });
      for (const ip of ips) {
        if (ip.flag("is_ipv6") || ip.field("resource").isNull) continue;
        addresses.set(ip.field("resource").text("id"), goIpText(ip.text("address").split("/", 1)[0]!));
      }
    }
  }
  return addresses;
}

function cardsByRegion(servers: readonly JsonValue[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const server of servers) {
    if (["private_ip", "public_ip", "ipv6"].some((name) => !server.field(name).isNull)) continue;
    const ids = server.list("private_nics").map((card) => card.text("id"));
    const region = regionOf(server.text("zone"));
    const cards = found.get(region) ?? [];
    for (const id of ids) if (id !== "") cards.push(id);
    found.set(region, cards);
  }
  return found;
}
