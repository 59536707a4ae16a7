import { Labels } from "@narthex/model";
import type { JsonApi } from "../../answers/json-api.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import { readPages } from "../../answers/pages.ts";
import { type TargetLabels, targetsInTurns } from "../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import type { TargetGroup } from "../../target-group.ts";
import { hostPort } from "../../target-labels.ts";

const PER_PAGE = 100;

/**
 * Finds managed databases; https://docs.digitalocean.com/reference/api/digitalocean/#tag/Databases. The list ends with
 * an empty page, because its answers do not always name the next page.
 */
export async function findDatabases(
  api: JsonApi,
  port: number,
  { clock }: Pick<DiscoveryContext, "clock">,
): Promise<TargetGroup> {
  const clusters = await readPages("1", async (page) => {
    const items = (await api.get("/databases", { page, per_page: PER_PAGE })).list("databases");
    return { items, next: items.length === 0 ? undefined : String(Number(page) + 1) };
  });
  const targets = await targetsInTurns(clock, clusters, (cluster) => labelsOf(cluster, port));
  return { source: "DigitalOcean Databases", targets, labels: Labels.EMPTY };
}

function labelsOf(cluster: JsonValue, port: number): TargetLabels {
  const host = cluster.field("connection").text("host");
  const privateHost = cluster.field("private_connection").text("host");
  const address = privateHost || host;
  return {
    __address__: address === "" ? "" : hostPort(address, port),
    __meta_digitalocean_db_id: cluster.text("id"),
    __meta_digitalocean_db_name: cluster.text("name"),
    __meta_digitalocean_db_engine: cluster.text("engine"),
    __meta_digitalocean_db_version: cluster.text("version"),
    __meta_digitalocean_db_status: cluster.text("status"),
    __meta_digitalocean_db_region: cluster.text("region"),
    __meta_digitalocean_db_size: cluster.text("size"),
    __meta_digitalocean_db_num_nodes: cluster.integer("num_nodes"),
    __meta_digitalocean_db_host: host,
    __meta_digitalocean_db_private_host: privateHost,
    ...Object.fromEntries(cluster.texts("tags").map((tag) => [`__meta_digitalocean_db_tag_${tag}`, "true"])),
  };
}
