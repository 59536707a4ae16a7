import { type AwsEnvironment, type AwsService, escapeUriPart, getRestJson } from "@narthex/http";
import { Labels } from "@narthex/model";
import { type Clock, mapWithLimit } from "@narthex/runtime";
import { during } from "../../../answers/answer-error.ts";
import { JsonValue } from "../../../answers/json-value.ts";
import { readPages } from "../../../answers/pages.ts";
import { targetsInTurns } from "../../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../../discoverer.ts";
import type { Refresh } from "../../../polled-discoverer.ts";
import { AwsAccess, type AwsSession } from "../aws-access.ts";
import { concurrencyOf } from "../clustered-account.ts";
import type { MskDiscovery } from "./msk.ts";
import { clusterLabels, nodeLabels } from "./node-labels.ts";

const PAGE_SIZE = 100;
const PROVISIONED = "PROVISIONED";

/**
 * Returns a function that lists the nodes of the provisioned clusters of a region:
 * https://docs.aws.amazon.com/msk/1.0/apireference/resources.html.
 */
export async function openNodes(
  config: MskDiscovery,
  context: DiscoveryContext,
  env: AwsEnvironment,
): Promise<Refresh> {
  const access = await AwsAccess.open(config, context, env);
  const limit = concurrencyOf(config);
  const apiOf = (session: AwsSession): KafkaApi =>
    new KafkaApi(session.service({ name: "Kafka", id: "kafka" }, config.endpoint), context.clock);
  return async () => {
    const session = await access.session((probed) =>
      during("MSK credential test failed", () => apiOf(probed).get("ListClustersV2", "/api/v2/clusters")),
    );
    const api = apiOf(session);
    const clusters =
      config.clusters.length === 0
        ? await during("could not list clusters", () => api.clusters())
        : await mapWithLimit(config.clusters, limit, (arn) => api.cluster(arn));
    const provisioned = clusters.filter((cluster) => isProvisioned(cluster, context));
    const nodes = await mapWithLimit(provisioned, limit, async (cluster) => {
      const labels = clusterLabels(cluster);
      return (await api.nodes(cluster.text("clusterArn"))).map((node) => ({ node, labels, cluster }));
    });
    const targets = await targetsInTurns(context.clock, nodes.flat(), ({ node, labels, cluster }) =>
      nodeLabels(node, cluster, { labels, port: config.port }),
    );
    return [{ source: session.region, targets, labels: Labels.EMPTY }];
  };
}

/** Reports whether a cluster has nodes. Serverless clusters have none. */
function isProvisioned(cluster: JsonValue, { logger }: DiscoveryContext): boolean {
  const type = cluster.text("clusterType");
  if (type === PROVISIONED) return true;
  const fields = { cluster: cluster.text("clusterArn"), type };
  logger.warn("Skipping non-provisioned MSK cluster, only provisioned clusters are supported", fields);
  return false;
}

class KafkaApi {
  readonly #service: AwsService;
  readonly #clock: Clock;

  constructor(service: AwsService, clock: Clock) {
    this.#service = service;
    this.#clock = clock;
  }

  async get(operation: string, path: string): Promise<JsonValue> {
    return JsonValue.parse(await getRestJson(this.#service, operation, path), this.#clock);
  }

  clusters(): Promise<readonly JsonValue[]> {
    return this.#list("ListClustersV2", `/api/v2/clusters?clusterTypeFilter=${PROVISIONED}&`, "clusterInfoList");
  }

  cluster(arn: string): Promise<JsonValue> {
    return during(`could not describe cluster ${arn}`, async () =>
      (await this.get("DescribeClusterV2", `/api/v2/clusters/${escapeUriPart(arn)}`)).field("clusterInfo"),
    );
  }

  nodes(arn: string): Promise<readonly JsonValue[]> {
    const path = `/v1/clusters/${escapeUriPart(arn)}/nodes?`;
    return during(`could not list nodes for cluster ${arn}`, () => this.#list("ListNodes", path, "nodeInfoList"));
  }

  /** Returns all items of a list. `path` ends with the beginning of a query. */
  #list(operation: string, path: string, field: string): Promise<readonly JsonValue[]> {
    return readPages("", async (cursor) => {
      const next = cursor === "" ? "" : `&nextToken=${escapeUriPart(cursor)}`;
      const page = await this.get(operation, `${path}maxResults=${PAGE_SIZE}${next}`);
      return { items: page.list(field), next: page.text("nextToken") || undefined };
    });
  }
}
