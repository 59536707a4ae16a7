import { Labels } from "@narthex/model";
import type { JsonApi } from "../../answers/json-api.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import { readPages } from "../../answers/pages.ts";
import { type TargetLabels, targetsInTurns } from "../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import type { TargetGroup } from "../../target-group.ts";
import { hostPort, joinedList } from "../../target-labels.ts";

/** Finds Droplets; https://docs.digitalocean.com/reference/api/digitalocean/#tag/Droplets/operation/droplets_list. */
export async function findDroplets(
  api: JsonApi,
  port: number,
  { clock }: Pick<DiscoveryContext, "clock">,
): Promise<TargetGroup> {
  const droplets = await readPages("1", async (page) => {
    const answer = await api.get("/droplets", { page: page === "1" ? undefined : page });
    const isLast = answer.at("links", "pages").text("next") === "";
    return { items: answer.list("droplets"), next: isLast ? undefined : String(Number(page) + 1) };
  });
  const targets = await targetsInTurns(clock, droplets, (droplet) => labelsOf(droplet, port));
  return { source: "DigitalOcean", targets, labels: Labels.EMPTY };
}

function labelsOf(droplet: JsonValue, port: number): TargetLabels | undefined {
  const networks = droplet.field("networks");
  const v4 = networks.list("v4");
  if (v4.length === 0) return undefined;
  const publicIpv4 = addressOf(v4, "public");
  return {
    __address__: hostPort(publicIpv4, port),
    __meta_digitalocean_droplet_id: droplet.integer("id"),
    __meta_digitalocean_droplet_name: droplet.text("name"),
    __meta_digitalocean_image: droplet.field("image").text("slug"),
    __meta_digitalocean_image_name: droplet.field("image").text("name"),
    __meta_digitalocean_private_ipv4: addressOf(v4, "private"),
    __meta_digitalocean_public_ipv4: publicIpv4,
    __meta_digitalocean_public_ipv6: addressOf(networks.list("v6"), "public"),
    __meta_digitalocean_region: droplet.field("region").text("slug"),
    __meta_digitalocean_size: droplet.text("size_slug"),
    __meta_digitalocean_status: droplet.text("status"),
    __meta_digitalocean_vpc: droplet.text("vpc_uuid"),
    __meta_digitalocean_features: joinedList(droplet.texts("features")),
    __meta_digitalocean_tags: joinedList(droplet.texts("tags")),
  };
}

/** Returns the first address of a type, or "". */
const addressOf = (networks: readonly JsonValue[], type: "public" | "private"): string =>
  networks.find((network) => network.text("type") === type)?.text("ip_address") ?? "";
