import { numbered, pageOf } from "../../../testing/served-kind.ts";
import { ACCOUNT, element, elements, queryAnswer, REGION, servedAws } from "../../../testing/served-aws.ts";

/**
 * The API as in https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_Operations.html. Half of the
 * targets are serverless caches, the others are clusters with one node.
 */
export const servedElasticache = servedAws({
  name: "elasticache",
  isInPrometheus: false,
  serve(count) {
    const serverless = numbered(Math.ceil(count / 2), serverlessCache);
    const clusters = numbered(Math.floor(count / 2), cacheCluster);
    return ({ operation, form }) => {
      const page = (all: readonly string[], list: string, size: string, cursor: string) => {
        const { items, next } = pageOf(all, Number(form.get(size) ?? 20), form.get(cursor) ?? "");
        return queryAnswer(operation, element(list, ...items) + (next === "" ? "" : element(cursor, next)));
      };
      switch (operation) {
        case "DescribeServerlessCaches":
          return page(serverless, "ServerlessCaches", "MaxResults", "NextToken");
        case "DescribeCacheClusters":
          return page(clusters, "CacheClusters", "MaxRecords", "Marker");
        case "ListTagsForResource":
          return queryAnswer(operation, element("TagList", element("Tag", elements({ Key: "a:b", Value: "c" }))));
        default:
          return { status: 400 };
      }
    };
  },
});

const serverlessCache = (i: number): string =>
  element(
    "member",
    elements({
      ARN: `arn:aws:elasticache:${REGION}:${ACCOUNT}:serverlesscache:sessions-${i}`,
      ServerlessCacheName: `sessions-${i}`,
      CreateTime: "2026-01-01T00:00:00.5Z",
      Engine: "valkey",
      Status: "available",
      Endpoint: { Address: `sessions-${i}.serverless.cache.amazonaws.com`, Port: 6379 },
    }),
    element("SubnetIds", element("SubnetId", "subnet-1"), element("SubnetId", "subnet-2")),
  );

const cacheCluster = (i: number): string =>
  element(
    "CacheCluster",
    elements({
      ARN: `arn:aws:elasticache:${REGION}:${ACCOUNT}:cluster:queue-${i}`,
      CacheClusterId: `queue-${i}`,
      CacheClusterStatus: "available",
      CacheNodeType: "cache.t4g.small",
      Engine: "redis",
      NumCacheNodes: 1,
    }),
    element(
      "CacheNodes",
      element(
        "CacheNode",
        elements({
          CacheNodeId: "0001",
          CacheNodeStatus: "available",
          Endpoint: { Address: `queue-${i}.0001.cache.amazonaws.com`, Port: 6379 },
        }),
      ),
    ),
  );
