import { type AwsEnvironment, callQueryApi, type QueryApi, type XmlElement } from "@narthex/http";
import { Labels } from "@narthex/model";
import { type Logger, mapWithLimit } from "@narthex/runtime";
import { during } from "../../../answers/answer-error.ts";
import { readPages } from "../../../answers/pages.ts";
import { targetsInTurns } from "../../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../../discoverer.ts";
import type { Refresh } from "../../../polled-discoverer.ts";
import { AwsAccess, type AwsSession } from "../aws-access.ts";
import { concurrencyOf } from "../clustered-account.ts";
import { type Tags, xmlTags } from "../tag-labels.ts";
import { clusterTargets, serverlessLabels } from "./cache-labels.ts";
import type { ElasticacheDiscovery } from "./elasticache.ts";

const API_VERSION = "2015-02-02";

/** A list of caches: the operation, the names in its answer and its pages, and the field that selects one cache. */
interface CacheList {
  readonly operation: string;
  readonly list: string;
  readonly what: string;
  readonly input: Readonly<Record<string, string>>;
  readonly cursor: string;
  readonly id: string;
}

const SERVERLESS: CacheList = {
  operation: "DescribeServerlessCaches",
  list: "ServerlessCaches",
  what: "serverless cache",
  input: { MaxResults: "50" },
  cursor: "NextToken",
  id: "ServerlessCacheName",
};

/** Prometheus requests this list a second time, without the clusters of replication groups, and so no further cluster. */
const CLUSTERS: CacheList = {
  operation: "DescribeCacheClusters",
  list: "CacheClusters",
  what: "cache cluster",
  input: { MaxRecords: "100", ShowCacheNodeInfo: "true" },
  cursor: "Marker",
  id: "CacheClusterId",
};

/**
 * Returns a function that lists the caches of a region:
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_Operations.html.
 */
export async function openCaches(
  config: ElasticacheDiscovery,
  context: DiscoveryContext,
  env: AwsEnvironment,
): Promise<Refresh> {
  const access = await AwsAccess.open(config, context, env);
  const limit = concurrencyOf(config);
  const ids = cacheIds(config.clusters, context.logger);
  const apiOf = (session: AwsSession): QueryApi => ({
    ...session.service({ name: "ElastiCache", id: "elasticache" }, config.endpoint),
    version: API_VERSION,
  });
  return async () => {
    const session = await access.session((probed) =>
      during("elasticache credential test failed", () => callQueryApi(apiOf(probed), CLUSTERS.operation)),
    );
    const api = apiOf(session);
    const [serverless, clusters] = await Promise.all([
      describe(api, SERVERLESS, ids.serverless, limit),
      describe(api, CLUSTERS, ids.clusters, limit),
    ]);
    const tags = await during("failed to list tags for resources", () =>
      tagsByArn(api, [...serverless, ...clusters].map(arnOf), limit),
    );
    const { clock } = context;
    const targets = [
      ...(await targetsInTurns(clock, serverless, (cache) => serverlessLabels(cache, tags.get(arnOf(cache)) ?? []))),
      ...(await targetsInTurns(clock, clusters, (cluster) => clusterTargets(cluster, tags.get(arnOf(cluster)) ?? []))),
    ];
    return [{ source: session.region, targets, labels: Labels.EMPTY }];
  };
}

const arnOf = (cache: XmlElement): string => cache.text("ARN") ?? "";

/** Returns all caches, or those with these IDs. */
function describe(
  api: QueryApi,
  { operation, list, what, input, cursor, id }: CacheList,
  ids: readonly string[],
  limit: number,
): Promise<readonly XmlElement[]> {
  const pageOf = async (more: Readonly<Record<string, string>>): Promise<XmlElement> =>
    (await callQueryApi(api, operation, { ...input, ...more })).child(`${operation}Result`);
  const all = (): Promise<readonly XmlElement[]> =>
    during(`failed to describe ${what}s`, () =>
      readPages("", async (from) => {
        const page = await pageOf(from === "" ? {} : { [cursor]: from });
        return { items: page.child(list).items, next: page.text(cursor) || undefined };
      }),
    );
  const some = async (): Promise<readonly XmlElement[]> => {
    const found = await mapWithLimit([...new Set(ids)], limit, (name) =>
      during(`failed to describe ${what} ${name}`, async () => (await pageOf({ [id]: name })).child(list).items),
    );
    return found.flat();
  };
  return during(`failed to describe ${what}s`, ids.length === 0 ? all : some);
}

/** Returns the tags of resources by ARN. */
async function tagsByArn(api: QueryApi, arns: readonly string[], limit: number): Promise<ReadonlyMap<string, Tags>> {
  const distinct = [...new Set(arns)].filter((arn) => arn !== "");
  const tags = await mapWithLimit(distinct, limit, (arn) =>
    during(`failed to list tags for resource ${arn}`, async () => {
      const answer = await callQueryApi(api, "ListTagsForResource", { ResourceName: arn });
      return xmlTags(answer.child("ListTagsForResourceResult").child("TagList"));
    }),
  );
  return new Map(distinct.map((arn, i) => [arn, tags[i]!]));
}

/**
 * Returns the IDs in ARNs such as `arn:aws:elasticache:region:account:serverlesscache:name` and `…:replicationgroup:id`.
 * Other ARNs are ignored. Without IDs of a type, all caches of the type are listed.
 */
function cacheIds(arns: readonly string[], logger: Logger): { serverless: string[]; clusters: string[] } {
  const ids = { serverless: [] as string[], clusters: [] as string[] };
  for (const arn of arns.filter((given) => given !== "")) {
    const parts = arn.split(":");
    const [type, id] = parts.slice(5);
    if (id === undefined) logger.warn("Skipping invalid ElastiCache ARN", { arn });
    else if (type === "serverlesscache") ids.serverless.push(id);
    else if (type === "replicationgroup") ids.clusters.push(id);
  }
  return ids;
}
