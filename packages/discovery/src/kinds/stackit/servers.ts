import { Labels } from "@narthex/model";
import { AnswerError } from "../../answers/answer-error.ts";
import { JsonApi } from "../../answers/json-api.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import { type TargetLabels, targetsInTurns } from "../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import { DiscoveryClient, withoutCredentials } from "../../discovery-client.ts";
import type { Refresh } from "../../polled-discoverer.ts";
import { hostPort, sanitizeLabelName } from "../../target-labels.ts";
import { serviceAccountToken } from "./service-account-token.ts";
import type { StackitDiscovery, StackitEnvironment } from "./stackit.ts";

const UNAUTHORIZED = 401;

/**
 * Returns a function that lists the servers of a project; https://docs.api.eu01.stackit.cloud/documentation/iaas. All
 * servers are in one answer.
 */
export async function openServers(
  config: StackitDiscovery,
  context: DiscoveryContext,
  env: StackitEnvironment,
): Promise<Refresh> {
  const hasAccount = config.serviceAccountKeyPath !== "" || (config.serviceAccountKey?.reveal() ?? "") !== "";
  const settings = hasAccount ? withoutCredentials(config.httpClient) : config.httpClient;
  const client = await DiscoveryClient.open(settings, context);
  const token = hasAccount ? serviceAccountToken(config, client, context, env) : undefined;
  const api = new JsonApi({
    client,
    context,
    base: (config.endpoint || `https://iaas.api.${config.region}.stackit.cloud`).replace(/\/+$/, ""),
    timeoutMs: config.refreshIntervalMs,
    headers: async () => (token === undefined ? {} : { authorization: `Bearer ${await token.get()}` }),
  });
  const list = async (): Promise<JsonValue> => {
    try {
      return await api.get(`/v1/projects/${encodeURIComponent(config.project)}/servers`, { details: "true" });
    } catch (error) {
      if (error instanceof AnswerError && error.status === UNAUTHORIZED) token?.forget();
      throw error;
    }
  };
  return async () => {
    const servers = (await list()).list("items");
    const targets = await targetsInTurns(context.clock, servers, (server) => labelsOf(server, config));
    return [{ source: "stackit", targets, labels: Labels.EMPTY }];
  };
}

function labelsOf(server: JsonValue, { project, port }: StackitDiscovery): TargetLabels | undefined {
  const cards = server.list("nics");
  const publicIp = cards.map((card) => card.text("publicIp")).find((ip) => ip !== "") ?? "";
  const withIpv4 = cards.filter((card) => card.text("ipv4") !== "");
  const scraped = publicIp || (withIpv4[0]?.text("ipv4") ?? "");
  if (scraped === "") return undefined;
  const privateLabels = withIpv4.map(
    (card) =>
      [`__meta_stackit_private_ipv4_${sanitizeLabelName(card.text("networkName"))}`, card.text("ipv4")] as const,
  );
  return {
    __address__: hostPort(scraped, port),
    __meta_stackit_project: project,
    __meta_stackit_id: server.text("id"),
    __meta_stackit_name: server.text("name"),
    __meta_stackit_availability_zone: server.text("availabilityZone"),
    __meta_stackit_status: server.text("status"),
    __meta_stackit_power_status: server.text("powerStatus"),
    __meta_stackit_type: server.text("machineType"),
    __meta_stackit_public_ipv4: publicIp,
    ...Object.fromEntries(privateLabels),
    ...ownLabels(server.field("labels")),
  };
}

/** Returns the labels for the labels of a server. Values that are not texts are left out, as in Prometheus. */
function ownLabels(labels: JsonValue): TargetLabels {
  const found: Record<string, string> = {};
  for (const [key, value] of labels.entries()) {
    const plain = value.plain();
    if (typeof plain !== "string") continue;
    found[`__meta_stackit_labelpresent_${sanitizeLabelName(key)}`] = "true";
    found[`__meta_stackit_label_${sanitizeLabelName(key)}`] = plain;
  }
  return found;
}
