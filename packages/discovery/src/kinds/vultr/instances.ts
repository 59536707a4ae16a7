import { Labels } from "@narthex/model";
import { JsonApi } from "../../answers/json-api.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import { readPages } from "../../answers/pages.ts";
import { type TargetLabels, targetsInTurns } from "../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import { DiscoveryClient } from "../../discovery-client.ts";
import type { Refresh } from "../../polled-discoverer.ts";
import { hostPort, joinedList } from "../../target-labels.ts";
import type { VultrDiscovery } from "./vultr.ts";

const PER_PAGE = 100;

/** Returns a function that lists the instances of a Vultr account; https://www.vultr.com/api/#operation/list-instances. */
export async function openInstances(config: VultrDiscovery, context: DiscoveryContext): Promise<Refresh> {
  const client = await DiscoveryClient.open(config.httpClient, context);
  const timeoutMs = config.refreshIntervalMs;
  const api = new JsonApi({ client, context, base: "https://api.vultr.com/v2", timeoutMs });
  return async () => {
    const instances = await readPages("", async (cursor) => {
      const page = await api.get("/instances", { per_page: PER_PAGE, cursor: cursor || undefined });
      return { items: page.list("instances"), next: page.at("meta", "links").text("next") || undefined };
    });
    const targets = await targetsInTurns(context.clock, instances, (instance) => labelsOf(instance, config.port));
    return [{ source: "Vultr", targets, labels: Labels.EMPTY }];
  };
}

function labelsOf(instance: JsonValue, port: number): TargetLabels {
  return {
    __address__: hostPort(instance.text("main_ip"), port),
    __meta_vultr_instance_id: instance.text("id"),
    __meta_vultr_instance_label: instance.text("label"),
    __meta_vultr_instance_os: instance.text("os"),
    __meta_vultr_instance_os_id: instance.integer("os_id"),
    __meta_vultr_instance_region: instance.text("region"),
    __meta_vultr_instance_plan: instance.text("plan"),
    __meta_vultr_instance_main_ip: instance.text("main_ip"),
    __meta_vultr_instance_internal_ip: instance.text("internal_ip"),
    __meta_vultr_instance_main_ipv6: instance.text("v6_main_ip"),
    __meta_vultr_instance_features: joinedList(instance.texts("features")),
    __meta_vultr_instance_tags: joinedList(instance.texts("tags")),
    __meta_vultr_instance_hostname: instance.text("hostname"),
    __meta_vultr_instance_server_status: instance.text("server_status"),
    __meta_vultr_instance_vcpu_count: instance.integer("vcpu_count"),
    __meta_vultr_instance_ram_mb: instance.integer("ram"),
    __meta_vultr_instance_allowed_bandwidth_gb: instance.integer("allowed_bandwidth"),
    __meta_vultr_instance_disk_gb: instance.integer("disk"),
  };
}
