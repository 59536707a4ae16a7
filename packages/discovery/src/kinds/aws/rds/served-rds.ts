import { numbered, pageOf } from "../../../testing/served-kind.ts";
import {
  ACCOUNT,
  element,
  elements,
  queryAnswer,
  REGION,
  servedAws,
  type XmlFields,
} from "../../../testing/served-aws.ts";

/** Number of instances in one cluster of the served API. */
const INSTANCES_A_CLUSTER = 2;

/** The API as in https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Operations.html. */
export const servedRds = servedAws({
  name: "rds",
  isInPrometheus: false,
  serve(count) {
    const clusters = numbered(Math.ceil(count / INSTANCES_A_CLUSTER), (i) => i);
    return ({ operation, form }) => {
      const page = (all: readonly string[], list: string) => {
        const { items, next } = pageOf(all, Number(form.get("MaxRecords") ?? 100), form.get("Marker") ?? "");
        return queryAnswer(operation, element(list, ...items) + (next === "" ? "" : element("Marker", next)));
      };
      if (operation === "DescribeDBClusters") return page(clusters.map(rdsCluster), "DBClusters");
      const cluster = clusters.find((i) => clusterArn(i) === form.get("Filters.Filter.1.Values.Value.1"));
      if (operation !== "DescribeDBInstances" || cluster === undefined) return { status: 400 };
      const left = count - (cluster - 1) * INSTANCES_A_CLUSTER;
      const instances = numbered(Math.min(INSTANCES_A_CLUSTER, left), (i) => rdsInstance(cluster, i));
      return page(instances, "DBInstances");
    };
  },
});

const clusterArn = (i: number): string => `arn:aws:rds:${REGION}:${ACCOUNT}:cluster:orders-${i}`;

const tags = (fields: XmlFields): string =>
  element("TagList", ...Object.entries(fields).map(([Key, Value]) => element("Tag", elements({ Key, Value }))));

const rdsCluster = (i: number): string =>
  element(
    "DBCluster",
    elements({
      DBClusterArn: clusterArn(i),
      DBClusterIdentifier: `orders-${i}`,
      AllocatedStorage: 1,
      ClusterCreateTime: "2026-01-01T00:00:00.123Z",
      DeletionProtection: false,
      Engine: "aurora-postgresql",
      EngineVersion: "16.4",
      MultiAZ: true,
      Port: 5432,
      Status: "available",
    }),
    element(
      "DBClusterMembers",
      ...numbered(INSTANCES_A_CLUSTER, (member) =>
        element(
          "DBClusterMember",
          elements({ DBInstanceIdentifier: `orders-${i}-${member}`, IsClusterWriter: member === 1 }),
        ),
      ),
    ),
    tags({ "team:name": "shop" }),
  );

const rdsInstance = (cluster: number, i: number): string =>
  element(
    "DBInstance",
    elements({
      DBInstanceArn: `arn:aws:rds:${REGION}:${ACCOUNT}:db:orders-${cluster}-${i}`,
      DBInstanceIdentifier: `orders-${cluster}-${i}`,
      DBClusterIdentifier: `orders-${cluster}`,
      DBInstanceClass: "db.r6g.large",
      DBInstanceStatus: "available",
      AvailabilityZone: "eu-west-1a",
      DbInstancePort: 0,
      Endpoint: { Address: `orders-${cluster}-${i}.abc.${REGION}.rds.amazonaws.com`, Port: 5432, HostedZoneId: "Z1" },
      Engine: "aurora-postgresql",
      InstanceCreateTime: "2026-01-01T00:00:00Z",
      PubliclyAccessible: false,
    }),
    tags({ workload: "oltp" }),
  );
