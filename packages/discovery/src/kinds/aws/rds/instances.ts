import { type AwsEnvironment, callQueryApi, type QueryApi, type XmlElement } from "@narthex/http";
import { Labels } from "@narthex/model";
import { mapWithLimit } from "@narthex/runtime";
import { during } from "../../../answers/answer-error.ts";
import { readPages } from "../../../answers/pages.ts";
import { type TargetLabels, targetsInTurns } from "../../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../../discoverer.ts";
import type { Refresh } from "../../../polled-discoverer.ts";
import { hostPort } from "../../../target-labels.ts";
import { AwsAccess, type AwsSession } from "../aws-access.ts";
import { concurrencyOf } from "../clustered-account.ts";
import { tagLabels, xmlTags } from "../tag-labels.ts";
import { fieldLabels } from "../xml-fields.ts";
import { CLUSTER_FIELDS, INSTANCE_FIELDS } from "./fields.ts";
import type { RdsDiscovery } from "./rds.ts";

const API_VERSION = "2014-10-31";
const PAGE_SIZE = "100";

/** Returns a function that lists the instances of the DB clusters of a region. Other instances are not listed. */
export async function openInstances(
  config: RdsDiscovery,
  context: DiscoveryContext,
  env: AwsEnvironment,
): Promise<Refresh> {
  const access = await AwsAccess.open(config, context, env);
  const limit = concurrencyOf(config);
  const apiOf = (session: AwsSession): QueryApi => ({
    ...session.service({ name: "RDS", id: "rds" }, config.endpoint),
    version: API_VERSION,
  });
  return async () => {
    const session = await access.session((probed) =>
      during("RDS credential test failed", () => callQueryApi(apiOf(probed), "DescribeDBClusters")),
    );
    const api = apiOf(session);
    const clusters =
      config.clusters.length === 0
        ? await during("error describing all DB clusters", () => allClusters(api))
        : await during("error describing DB clusters", () => clustersOf(api, config.clusters, limit));
    const found = await during("error describing DB instances", () =>
      mapWithLimit(clusters, limit, (cluster) => instancesOf(api, cluster, config)),
    );
    const targets = await targetsInTurns(context.clock, found.flat(), ({ instance, cluster }) =>
      instanceLabels(instance, cluster, config.port),
    );
    return [{ source: session.region, targets, labels: Labels.EMPTY }];
  };
}

const allClusters = (api: QueryApi): Promise<readonly XmlElement[]> =>
  during("failed to describe DB clusters", () => list(api, "DescribeDBClusters", "DBClusters", {}));

/** Returns the clusters with these ARNs. Rejects if one does not exist. */
function clustersOf(api: QueryApi, arns: readonly string[], limit: number): Promise<readonly XmlElement[]> {
  return mapWithLimit([...new Set(arns)], limit, async (arn) => {
    const [cluster] = await during(`failed to describe DB cluster ${arn}`, () =>
      list(api, "DescribeDBClusters", "DBClusters", { DBClusterIdentifier: arn }),
    );
    if (cluster === undefined) throw new Error(`no DB cluster found for ARN ${arn}`);
    return cluster;
  });
}

/** An instance of a cluster, and the cluster's part of its labels. */
interface ClusterInstance {
  readonly instance: XmlElement;
  readonly cluster: ClusterLabels;
}

interface ClusterLabels {
  readonly labels: TargetLabels;
  /** Whether an instance of the cluster is its writer, `true` or `false`, by the instance's identifier. */
  readonly writers: ReadonlyMap<string, string>;
}

async function instancesOf(
  api: QueryApi,
  element: XmlElement,
  { filters }: RdsDiscovery,
): Promise<readonly ClusterInstance[]> {
  const arn = element.text("DBClusterArn") ?? "";
  const params: Record<string, string> = {};
  for (const [i, { name, values }] of [{ name: "db-cluster-id", values: [arn] }, ...filters].entries()) {
    params[`Filters.Filter.${i + 1}.Name`] = name;
    for (const [j, value] of values.entries()) params[`Filters.Filter.${i + 1}.Values.Value.${j + 1}`] = value;
  }
  const instances = await during(`failed to describe DB instances for cluster ARN ${arn}`, () =>
    list(api, "DescribeDBInstances", "DBInstances", params),
  );
  const cluster = clusterLabels(element);
  return instances.map((instance) => ({ instance, cluster }));
}

/** Returns all elements of a list, whose pages a marker connects. */
function list(
  api: QueryApi,
  operation: string,
  field: string,
  params: Readonly<Record<string, string>>,
): Promise<readonly XmlElement[]> {
  return readPages("", async (cursor) => {
    const input = { ...params, MaxRecords: PAGE_SIZE, ...(cursor === "" ? {} : { Marker: cursor }) };
    const page = (await callQueryApi(api, operation, input)).child(`${operation}Result`);
    return { items: page.child(field).items, next: page.text("Marker") || undefined };
  });
}

function clusterLabels(cluster: XmlElement): ClusterLabels {
  const members = cluster.child("DBClusterMembers").items;
  return {
    labels: {
      ...fieldLabels(cluster, CLUSTER_FIELDS),
      ...tagLabels("__meta_rds_cluster_tag_", xmlTags(cluster.child("TagList"))),
    },
    writers: new Map(
      members.map((member) => [member.text("DBInstanceIdentifier") ?? "", member.text("IsClusterWriter") ?? ""]),
    ),
  };
}

function instanceLabels(instance: XmlElement, { labels, writers }: ClusterLabels, port: number): TargetLabels {
  const endpoint = instance.child("Endpoint");
  const [address, hasPort] = [endpoint.text("Address") ?? "", endpoint.text("Port") !== undefined];
  return {
    __address__: address !== "" && hasPort ? hostPort(address, port) : "",
    ...labels,
    ...fieldLabels(instance, INSTANCE_FIELDS),
    __meta_rds_instance_is_cluster_writer: writers.get(instance.text("DBInstanceIdentifier") ?? "") ?? "",
    ...tagLabels("__meta_rds_instance_tag_", xmlTags(instance.child("TagList"))),
  };
}
