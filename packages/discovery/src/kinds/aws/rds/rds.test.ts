import type { AwsCall } from "@narthex/http/testing";
import { expect, test } from "vitest";
import { simulatedAws, startAws } from "../../../testing/aws-run.ts";
import { failureOf, labelsOf } from "../../../testing/one-answer.ts";
import { element, elements, type XmlFields } from "../../../testing/served-aws.ts";
import type { FieldLabel } from "../xml-fields.ts";
import { CLUSTER_FIELDS, INSTANCE_FIELDS } from "./fields.ts";
import { rdsKind } from "./rds.ts";

const ARN = "arn:aws:rds:eu-west-1:1:cluster:a";

/** One value for each kind of field, as AWS sends it and as the label shows it. */
const SAMPLES = {
  text: ["a b", "a b"],
  flag: ["true", "true"],
  integer: ["007", "7"],
  time: ["2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05Z"],
} as const;

/** Returns an element that has all fields of a table, and the labels that show them. */
function everyField(fields: readonly FieldLabel[]): { xml: string; labels: Record<string, string> } {
  const nested: Record<string, Record<string, string> | string> = {};
  for (const { path, kind } of fields) {
    const [outer, inner] = path as [string, string?];
    if (inner === undefined) nested[outer] = SAMPLES[kind][0];
    else nested[outer] = { ...(nested[outer] as Record<string, string> | undefined), [inner]: SAMPLES[kind][0] };
  }
  return {
    xml: elements(nested satisfies XmlFields),
    labels: Object.fromEntries(fields.map(({ label, kind }) => [label, SAMPLES[kind][1]])),
  };
}

const answer = (operation: string, list: string, items: readonly string[], marker = ""): string =>
  `<${operation}Response><${operation}Result>${element(list, ...items)}${marker === "" ? "" : element("Marker", marker)}` +
  `</${operation}Result></${operation}Response>`;

const clusters = (items: readonly string[], marker = ""): string =>
  answer("DescribeDBClusters", "DBClusters", items, marker);
const instances = (items: readonly string[], marker = ""): string =>
  answer("DescribeDBInstances", "DBInstances", items, marker);
const dbCluster = (arn: string): string => element("DBCluster", element("DBClusterArn", arn));
const dbInstance = (name: string): string =>
  element("DBInstance", elements({ DBInstanceIdentifier: name, Endpoint: { Address: `${name}.example`, Port: 5432 } }));

test("RDS discovery returns a label for each field of a cluster and of an instance", async () => {
  expect([CLUSTER_FIELDS.length, INSTANCE_FIELDS.length]).toEqual([68, 78]);
  const [cluster, instance] = [everyField(CLUSTER_FIELDS), everyField(INSTANCE_FIELDS)];
  const member = (name: string, isWriter: boolean): string =>
    element("DBClusterMember", elements({ DBInstanceIdentifier: name, IsClusterWriter: isWriter }));
  const tag = (key: string, value: string): string =>
    element("TagList", element("Tag", elements({ Key: key, Value: value })), element("Tag", elements({ Key: "only" })));
  const members = element("DBClusterMembers", member("other", false), member("a b", true));
  const aws = await simulatedAws();
  aws.actions.set("DescribeDBClusters", () => clusters([element("DBCluster", cluster.xml, members, tag("a:b", "c"))]));
  aws.actions.set("DescribeDBInstances", () => instances([element("DBInstance", instance.xml, tag("d", "e"))]));
  expect(await labelsOf(startAws(aws, rdsKind, "port: 9187"))).toEqual([
    {
      __address__: "a b:9187",
      ...cluster.labels,
      ...instance.labels,
      __meta_rds_cluster_tag_a_b: "c",
      __meta_rds_instance_is_cluster_writer: "true",
      __meta_rds_instance_tag_d: "e",
    },
  ]);
});

/** Returns the words of a field's name in small letters, as most labels have them. */
const words = (path: readonly string[]): string =>
  path
    .join("_")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase();

test.each([
  [
    "cluster",
    CLUSTER_FIELDS,
    {
      arn: "DBClusterArn",
      identifier: "DBClusterIdentifier",
      instance_class: "DBClusterInstanceClass",
      parameter_group: "DBClusterParameterGroup",
      resource_id: "DbClusterResourceId",
      subnet_group: "DBSubnetGroup",
    },
  ],
  [
    "instance",
    INSTANCE_FIELDS,
    {
      arn: "DBInstanceArn",
      class: "DBInstanceClass",
      identifier: "DBInstanceIdentifier",
      port: "DbInstancePort",
      resource_id: "DbiResourceId",
      status: "DBInstanceStatus",
      subnet_group: "DBSubnetGroup.DBSubnetGroupName",
    },
  ],
])("RDS discovery names the labels of a %s like the fields, with a few exceptions", (what, fields, exceptions) => {
  const prefix = `__meta_rds_${what}_`;
  const others = fields.filter(({ label, path }) => label !== prefix + words(path));
  expect(Object.fromEntries(others.map(({ label, path }) => [label.slice(prefix.length), path.join(".")]))).toEqual(
    exceptions,
  );
});

test("RDS discovery reads all pages, and sends the filters with the requests for instances", async () => {
  const aws = await simulatedAws();
  const page = ({ params }: AwsCall): number => Number(params.get("Marker") ?? 0);
  aws.actions.set("DescribeDBClusters", (call) =>
    page(call) === 0 ? clusters([dbCluster("arn:1")], "1") : clusters([dbCluster("arn:2")]),
  );
  aws.actions.set("DescribeDBInstances", (call) => {
    const arn = call.params.get("Filters.Filter.1.Values.Value.1")!.slice(4);
    return page(call) === 0 ? instances([dbInstance(`${arn}-0`)], "1") : instances([dbInstance(`${arn}-1`)]);
  });
  const run = startAws(aws, rdsKind, "filters: [{name: engine, values: [x, 'y z']}]\nrequest_concurrency: 1");
  const found = await labelsOf(run);
  expect(found.map(({ __address__: address }) => address)).toEqual(
    ["1-0", "1-1", "2-0", "2-1"].map((name) => `${name}.example:80`),
  );
  expect(Object.fromEntries(aws.calls.at(-1)!.params)).toEqual({
    Action: "DescribeDBInstances",
    Version: "2014-10-31",
    "Filters.Filter.1.Name": "db-cluster-id",
    "Filters.Filter.1.Values.Value.1": "arn:2",
    "Filters.Filter.2.Name": "engine",
    "Filters.Filter.2.Values.Value.1": "x",
    "Filters.Filter.2.Values.Value.2": "y z",
    MaxRecords: "100",
    Marker: "1",
  });
  expect(new Set(aws.calls.map(({ scope }) => scope))).toEqual(new Set(["eu-west-1/rds"]));
});

test("RDS discovery has no address for an instance that is being created", async () => {
  const aws = await simulatedAws();
  aws.actions.set("DescribeDBClusters", () => clusters([dbCluster(ARN)]));
  aws.actions.set("DescribeDBInstances", () =>
    instances([element("DBInstance", elements({ DBInstanceIdentifier: "new", MultiAZ: false }))]),
  );
  expect(await labelsOf(startAws(aws, rdsKind))).toEqual([
    { __meta_rds_cluster_arn: ARN, __meta_rds_instance_identifier: "new", __meta_rds_instance_multi_az: "false" },
  ]);
});

test.each([
  ["", "<x/>", "error describing DB clusters: no DB cluster found for ARN " + ARN],
  [
    dbCluster(ARN),
    instances([element("DBInstance", element("MultiAZ", "maybe"))]),
    'field MultiAZ of the answer is "maybe", but flag is expected',
  ],
  [
    dbCluster(ARN),
    instances([element("DBInstance", element("Iops", "1e3"))]),
    'field Iops of the answer is "1e3", but integer is expected',
  ],
  [
    dbCluster(ARN),
    instances([element("DBInstance", element("InstanceCreateTime", "soon"))]),
    'field InstanceCreateTime of the answer is "soon", but time is expected',
  ],
  [
    dbCluster(ARN),
    instances([dbInstance("a")], "1"),
    `error describing DB instances: failed to describe DB instances for cluster ARN ${ARN}: the list does not end: its page "1" came twice`,
  ],
])("RDS discovery reports the cluster %j with the instances %j", async (cluster, found, message) => {
  const aws = await simulatedAws();
  aws.actions.set("DescribeDBClusters", () => clusters(cluster === "" ? [] : [cluster]));
  aws.actions.set("DescribeDBInstances", () => found);
  expect(await failureOf(startAws(aws, rdsKind, `clusters: ["${ARN}"]`))).toBe(message);
});
