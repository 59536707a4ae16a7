import type { Labels } from "@narthex/model";
import { AnswerError } from "../../answers/answer-error.ts";
import { goIpText } from "../../answers/ip-text.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import { type TargetLabels, targetsInTurns } from "../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import { hostPort, joinedList } from "../../target-labels.ts";
import type { ScalewayApi } from "./scaleway-api.ts";
import type { ScalewayDiscovery } from "./scaleway-section.ts";

/** Finds bare metal servers; https://www.scaleway.com/en/developers/api/elastic-metal. */
export async function findBaremetalServers(
  api: ScalewayApi,
  { zone, nameFilter, tagsFilter, port }: ScalewayDiscovery,
  { clock }: Pick<DiscoveryContext, "clock">,
): Promise<readonly Labels[]> {
  const base = `/baremetal/v1/zones/${zone}`;
  const servers = await api.list(`${base}/servers`, "servers", { name: nameFilter || undefined, tags: tagsFilter });
  const offers = byId(await api.list(`${base}/offers`, "offers"));
  const systems = byId(await api.list(`${base}/os`, "os"));
  return targetsInTurns(clock, servers, (server) => {
    const offer = offers.get(server.text("offer_id"));
    const install = server.field("install");
    const system = install.isNull ? undefined : systems.get(install.text("os_id"));
    return {
      ...addressLabels(server.list("ips"), port),
      __meta_scaleway_baremetal_id: server.text("id"),
      __meta_scaleway_baremetal_name: server.text("name"),
      __meta_scaleway_baremetal_zone: server.text("zone"),
      __meta_scaleway_baremetal_status: server.text("status"),
      __meta_scaleway_baremetal_project_id: server.text("project_id"),
      __meta_scaleway_baremetal_type: offer?.text("name") ?? "",
      __meta_scaleway_baremetal_os_name: system?.text("name") ?? "",
      __meta_scaleway_baremetal_os_version: system?.text("version") ?? "",
      __meta_scaleway_baremetal_tags: joinedList(server.texts("tags")),
    };
  });
}

/** Returns items by their ID. The first item with an ID counts. */
const byId = (items: readonly JsonValue[]): ReadonlyMap<string, JsonValue> =>
  new Map(items.toReversed().map((item) => [item.text("id"), item]));

/** Returns the labels of the first address of each family. */
function addressLabels(ips: readonly JsonValue[], port: number): TargetLabels {
  const first = new Map<string, string>();
  for (const ip of ips) {
    const version = ip.text("version");
    if (version !== "IPv4" && version !== "IPv6") throw new AnswerError(`unknown IP version: ${version}`);
    if (!first.has(version)) first.set(version, goIpText(ip.text("address")));
  }
  const [ipv4, ipv6] = [first.get("IPv4") ?? "", first.get("IPv6") ?? ""];
  const scraped = ipv4 || ipv6;
  return {
    __address__: scraped === "" ? "" : hostPort(scraped, port),
    __meta_scaleway_baremetal_public_ipv4: ipv4,
    __meta_scaleway_baremetal_public_ipv6: ipv6,
  };
}
