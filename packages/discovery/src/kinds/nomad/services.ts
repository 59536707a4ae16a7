import { Labels } from "@narthex/model";
import { mapWithLimit } from "@narthex/runtime";
import { JsonApi } from "../../answers/json-api.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import { type TargetLabels, targetsInTurns } from "../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import { DiscoveryClient, LONGEST_REQUEST_MS } from "../../discovery-client.ts";
import type { Refresh } from "../../polled-discoverer.ts";
import { httpUrlProblem, originOf } from "../../fields/service-url.ts";
import { hostPort, joinedList } from "../../target-labels.ts";
import { nomadMetrics } from "./nomad-metrics.ts";
import type { NomadDiscovery } from "./nomad.ts";

/** Maximum number of services whose instances are requested at the same time. */
const AT_ONCE = 8;

/**
 * Returns a function that lists the services and then the instances of each service;
 * https://developer.hashicorp.com/nomad/api-docs/services. Rejects if the server's URL cannot be used.
 */
export async function openServices(config: NomadDiscovery, context: DiscoveryContext): Promise<Refresh> {
  const problem = httpUrlProblem(config.server);
  if (problem !== undefined) throw new Error(`server of nomad_sd_configs: ${problem}`);
  const client = await DiscoveryClient.open(config.httpClient, context);
  // Ignores a path in the URL, as Nomad's own client does.
  const api = new JsonApi({ client, context, base: originOf(config.server), timeoutMs: LONGEST_REQUEST_MS });
  const query = {
    namespace: config.namespace || undefined,
    region: config.region || undefined,
    stale: config.allowStale ? "" : undefined,
  };
  return async () => {
    try {
      const names = namesOf(await api.get("/v1/services", query));
      const answers = await mapWithLimit(names, AT_ONCE, (name) =>
        api.get(`/v1/service/${encodeURIComponent(name)}`, query),
      );
      const instances = answers.flatMap((answer) => answer.items());
      const targets = await targetsInTurns(context.clock, instances, (instance) =>
        labelsOf(instance, config.tagSeparator),
      );
      return [{ source: "Nomad", targets, labels: Labels.EMPTY }];
    } catch (error) {
      nomadMetrics.of(context.metrics).failures.inc();
      throw error;
    }
  };
}

/** Returns the name of each service. A service with the same name in several namespaces is listed several times. */
function namesOf(stubs: JsonValue): readonly string[] {
  const services = stubs.items().flatMap((stub) => stub.list("Services"));
  return [...new Set(services.map((service) => service.text("ServiceName")))];
}

function labelsOf(instance: JsonValue, tagSeparator: string): TargetLabels {
  const address = instance.text("Address");
  const port = instance.integer("Port");
  return {
    __address__: hostPort(address, Number(port)),
    __meta_nomad_address: address,
    __meta_nomad_dc: instance.text("Datacenter"),
    __meta_nomad_node_id: instance.text("NodeID"),
    __meta_nomad_namespace: instance.text("Namespace"),
    __meta_nomad_service: instance.text("ServiceName"),
    __meta_nomad_service_address: address,
    __meta_nomad_service_id: instance.text("ID"),
    __meta_nomad_service_port: port,
    __meta_nomad_tags: joinedList(instance.texts("Tags"), tagSeparator),
  };
}
