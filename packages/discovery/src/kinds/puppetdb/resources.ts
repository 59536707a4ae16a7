import { Labels, quote } from "@narthex/model";
import { AnswerError } from "../../answers/answer-error.ts";
import { JsonApi } from "../../answers/json-api.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import { type TargetLabels, targetsInTurns } from "../../answers/targets-in-turns.ts";
import { withoutPassword } from "@narthex/config";
import type { DiscoveryContext } from "../../discoverer.ts";
import { DiscoveryClient, isJsonType } from "../../discovery-client.ts";
import type { Refresh } from "../../polled-discoverer.ts";
import { withPath } from "../../fields/service-url.ts";
import { hostPort, joinedList } from "../../target-labels.ts";
import { parameterLabels } from "./parameter-labels.ts";
import type { PuppetDbDiscovery } from "./puppetdb.ts";

/**
 * Returns a function that requests the resources of a query;
 * https://www.puppet.com/docs/puppetdb/8/api/query/v4/overview.
 */
export async function openResources(config: PuppetDbDiscovery, context: DiscoveryContext): Promise<Refresh> {
  const client = await DiscoveryClient.open(config.httpClient, context);
  const base = withPath(config.url, "pdb/query/v4");
  const api = new JsonApi({ client, context, base, timeoutMs: config.refreshIntervalMs });
  const body = JSON.stringify({ query: config.query });
  const source = `${withoutPassword(base)}?query=${config.query}`;
  return async () => {
    const headers = { "content-type": "application/json" };
    const answer = await api.send("", {}, { method: "POST", headers, body });
    const type = String(answer.headers["content-type"] ?? "");
    if (!isJsonType(type)) throw new AnswerError(`unsupported content type ${quote(type)}`);
    const targets = await targetsInTurns(context.clock, answer.json.items(), (resource) => labelsOf(resource, config));
    return [{ source, targets, labels: Labels.EMPTY }];
  };
}

function labelsOf(resource: JsonValue, { query, port, includeParameters }: PuppetDbDiscovery): TargetLabels {
  const certname = resource.text("certname");
  return {
    __address__: hostPort(certname, port),
    __meta_puppetdb_query: query,
    __meta_puppetdb_certname: certname,
    __meta_puppetdb_resource: resource.text("resource"),
    __meta_puppetdb_type: resource.text("type"),
    __meta_puppetdb_title: resource.text("title"),
    __meta_puppetdb_exported: String(resource.flag("exported")),
    __meta_puppetdb_file: resource.text("file"),
    __meta_puppetdb_environment: resource.text("environment"),
    __meta_puppetdb_tags: joinedList(resource.texts("tags")),
    ...(includeParameters ? parameterLabels(resource.field("parameters")) : {}),
  };
}
