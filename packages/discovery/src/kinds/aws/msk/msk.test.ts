import { expect, test } from "vitest";
import { simulatedAws, startAws } from "../../../testing/aws-run.ts";
import { failureOf, labelsOf } from "../../../testing/one-answer.ts";
import { mskKind } from "./msk.ts";

const ARN = "arn:aws:kafka:eu-west-1:123456789012:cluster/events/a1-b2";
const SERVERLESS = "arn:aws:kafka:eu-west-1:123456789012:cluster/lambda/c3-d4";
const pathOf = (arn: string): string => `/api/v2/clusters/${encodeURIComponent(arn)}`;
const nodesOf = (arn: string): string => `/v1/clusters/${encodeURIComponent(arn)}/nodes`;

const cluster = {
  clusterArn: ARN,
  clusterName: "events",
  clusterType: "PROVISIONED",
  currentVersion: "K3AEGXETSR30VB",
  state: "ACTIVE",
  tags: { "team:name": "data" },
  provisioned: {
    currentBrokerSoftwareInfo: {
      configurationArn: "arn:aws:kafka:eu-west-1:123456789012:configuration/x/1",
      configurationRevision: 2,
      kafkaVersion: "3.6.0",
    },
    openMonitoring: {
      prometheus: { jmxExporter: { enabledInBroker: true }, nodeExporter: { enabledInBroker: false } },
    },
  },
};

const broker = {
  addedToClusterTime: "2026-01-01T00:10:00Z",
  instanceType: "m5.large",
  nodeARN: "arn:aws:kafka:eu-west-1:123456789012:broker/events/1",
  brokerNodeInfo: {
    attachedENIId: "eni-1",
    brokerId: 1.0,
    clientSubnet: "subnet-1",
    clientVpcIpAddress: "10.0.0.1",
    endpoints: ["b-1.events.example", "b-1.second.example"],
  },
};
const controller = { nodeARN: "arn:c", controllerNodeInfo: { endpoints: ["c-1.events.example"] } };
const zookeeper = { nodeARN: "arn:z", zookeeperNodeInfo: { endpoints: ["z-1.events.example"] } };

const clusterLabels = {
  __meta_msk_cluster_arn: ARN,
  __meta_msk_cluster_configuration_arn: "arn:aws:kafka:eu-west-1:123456789012:configuration/x/1",
  __meta_msk_cluster_configuration_revision: "2",
  __meta_msk_cluster_jmx_exporter_enabled: "true",
  __meta_msk_cluster_kafka_version: "3.6.0",
  __meta_msk_cluster_name: "events",
  __meta_msk_cluster_state: "ACTIVE",
  __meta_msk_cluster_tag_team_name: "data",
  __meta_msk_cluster_type: "PROVISIONED",
  __meta_msk_cluster_version: "K3AEGXETSR30VB",
};

test("MSK discovery returns all labels of brokers and controllers, one target for each endpoint", async () => {
  const aws = await simulatedAws();
  aws.actions.set("/api/v2/clusters", () => ({ json: { clusterInfoList: [cluster], nextToken: null } }));
  aws.actions.set(nodesOf(ARN), ({ params }) =>
    params.get("nextToken") === null
      ? { json: { nodeInfoList: [broker], nextToken: "a+/=" } }
      : { json: { nodeInfoList: [controller, zookeeper] } },
  );
  const brokerLabels = {
    ...clusterLabels,
    __meta_msk_broker_client_subnet: "subnet-1",
    __meta_msk_broker_client_vpc_ip: "10.0.0.1",
    __meta_msk_broker_id: "1",
    __meta_msk_broker_node_exporter_enabled: "false",
    __meta_msk_node_added_time: "2026-01-01T00:10:00Z",
    __meta_msk_node_arn: "arn:aws:kafka:eu-west-1:123456789012:broker/events/1",
    __meta_msk_node_attached_eni: "eni-1",
    __meta_msk_node_instance_type: "m5.large",
    __meta_msk_node_type: "BROKER",
  };
  expect(await labelsOf(startAws(aws, mskKind, "port: 11001"))).toEqual([
    { __address__: "b-1.events.example:11001", __meta_msk_broker_endpoint_index: "0", ...brokerLabels },
    { __address__: "b-1.second.example:11001", __meta_msk_broker_endpoint_index: "1", ...brokerLabels },
    {
      __address__: "c-1.events.example:11001",
      ...clusterLabels,
      __meta_msk_controller_endpoint_index: "0",
      __meta_msk_node_arn: "arn:c",
      __meta_msk_node_type: "CONTROLLER",
    },
  ]);
  expect(aws.calls.map(({ action, params, scope }) => [action, params.toString(), scope])).toEqual([
    ["/api/v2/clusters", "", "eu-west-1/kafka"],
    ["/api/v2/clusters", "clusterTypeFilter=PROVISIONED&maxResults=100", "eu-west-1/kafka"],
    [nodesOf(ARN), "maxResults=100", "eu-west-1/kafka"],
    [nodesOf(ARN), "maxResults=100&nextToken=a%2B%2F%3D", "eu-west-1/kafka"],
  ]);
});

test("MSK discovery describes the configured clusters, and skips serverless clusters with a warning", async () => {
  const aws = await simulatedAws();
  aws.actions.set("/api/v2/clusters", () => ({ json: {} }));
  const plain = { ...cluster, tags: undefined, provisioned: { currentBrokerSoftwareInfo: { kafkaVersion: "4.0" } } };
  aws.actions.set(pathOf(ARN), () => ({ json: { clusterInfo: plain } }));
  aws.actions.set(pathOf(SERVERLESS), () => ({
    json: { clusterInfo: { clusterArn: SERVERLESS, clusterType: "SERVERLESS" } },
  }));
  aws.actions.set(nodesOf(ARN), () => ({ json: { nodeInfoList: [controller] } }));
  const run = startAws(aws, mskKind, `clusters: ["${ARN}", "${SERVERLESS}"]`);
  expect(await labelsOf(run)).toEqual([
    {
      __address__: "c-1.events.example:80",
      __meta_msk_cluster_arn: ARN,
      __meta_msk_cluster_kafka_version: "4.0",
      __meta_msk_cluster_name: "events",
      __meta_msk_cluster_state: "ACTIVE",
      __meta_msk_cluster_type: "PROVISIONED",
      __meta_msk_cluster_version: "K3AEGXETSR30VB",
      __meta_msk_controller_endpoint_index: "0",
      __meta_msk_node_arn: "arn:c",
      __meta_msk_node_type: "CONTROLLER",
    },
  ]);
  expect(run.logger.lines).toMatchObject([{ level: "warn", fields: { cluster: SERVERLESS, type: "SERVERLESS" } }]);
});

test("MSK discovery checks the credentials once, and reports which cluster cannot be read", async () => {
  const aws = await simulatedAws();
  aws.actions.set("/api/v2/clusters", () => ({
    status: 403,
    json: { message: "no" },
    headers: { "x-amzn-errortype": "Denied" },
  }));
  const run = startAws(aws, mskKind, `clusters: ["${ARN}"]`);
  expect(await failureOf(run)).toBe(
    "MSK credential test failed: operation error Kafka: ListClustersV2, https response error StatusCode: 403, RequestID: , " +
      "api error Denied: no",
  );
  aws.actions.set(pathOf(ARN), () => ({ json: { clusterInfo: cluster } }));
  aws.actions.set(nodesOf(ARN), () => ({ json: { nodeInfoList: [] } }));
  const next = run.next();
  await run.clock.advance(60_000);
  expect(await next).toMatchObject([{ source: "eu-west-1", targets: [] }]);
  expect(aws.calls.map(({ action }) => action)).toEqual(["/api/v2/clusters", pathOf(ARN), nodesOf(ARN)]);
});
