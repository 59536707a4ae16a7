import type { AwsCall, FakeAws } from "@narthex/http/testing";
import { expect, test } from "vitest";
import { simulatedAws, startAws } from "../../../testing/aws-run.ts";
import { failureOf, labelsOf } from "../../../testing/one-answer.ts";
import { element } from "../../../testing/served-aws.ts";
import { ecsKind } from "./ecs.ts";

const CLUSTER = "arn:aws:ecs:eu-west-1:1:cluster/main";
const cluster = { clusterArn: CLUSTER, clusterName: "main", tags: [{ key: "env:x", value: "prod" }] };
const service = {
  serviceArn: "arn:aws:ecs:eu-west-1:1:service/main/web",
  serviceName: "web",
  status: "ACTIVE",
  tags: [{ key: "team", value: "a" }, { key: "none" }],
};
const HOST = "arn:aws:ecs:eu-west-1:1:container-instance/main/h";
const task = {
  taskArn: "arn:t1",
  taskDefinitionArn: "arn:d:3",
  group: "service:web",
  availabilityZone: "eu-west-1a",
  desiredStatus: "RUNNING",
  lastStatus: "PENDING",
  healthStatus: "UNKNOWN",
  launchType: "EC2",
  containerInstanceArn: HOST,
  attachments: [] as object[],
  tags: [{ key: "release", value: "r1" }],
};
const attachment = {
  type: "ElasticNetworkInterface",
  details: [
    { name: "privateIPv4Address", value: "10.0.0.7" },
    { name: "subnetId", value: "subnet-nic" },
    { name: "networkInterfaceId", value: "eni-1" },
    { name: "macAddress" },
  ],
};
const host = element(
  "item",
  element("instanceId", "i-1"),
  element("privateIpAddress", "10.9.0.1"),
  element("ipAddress", "198.51.100.1"),
  element("subnetId", "subnet-host"),
  element("instanceType", "m5.large"),
  element("tagSet", element("item", element("key", "Name"), element("value", "n1"))),
);

/** Lets the simulated AWS have one cluster with these tasks. */
function serve(
  aws: FakeAws,
  tasks: readonly { readonly taskArn: string; readonly attachments: readonly object[] }[],
): void {
  const answers: Readonly<Record<string, object>> = {
    ListClusters: { clusterArns: [CLUSTER] },
    DescribeClusters: { clusters: [cluster] },
    ListServices: { serviceArns: [service.serviceArn] },
    DescribeServices: { services: [service] },
    ListTasks: { taskArns: tasks.map(({ taskArn }) => taskArn) },
    DescribeTasks: { tasks },
    DescribeContainerInstances: { containerInstances: [{ containerInstanceArn: HOST, ec2InstanceId: "i-1" }] },
  };
  for (const [operation, json] of Object.entries(answers)) aws.actions.set(operation, () => ({ json }));
  const instances = element("instancesSet", host);
  aws.actions.set("DescribeInstances", () => element("r", element("reservationSet", element("item", instances))));
  const nic = element(
    "item",
    element("networkInterfaceId", "eni-1"),
    element("association", element("publicIp", "203.0.113.7")),
  );
  aws.actions.set("DescribeNetworkInterfaces", () => element("r", element("networkInterfaceSet", nic)));
}

const onHost = {
  __meta_ecs_availability_zone: "eu-west-1a",
  __meta_ecs_cluster: "main",
  __meta_ecs_cluster_arn: CLUSTER,
  __meta_ecs_container_instance_arn: HOST,
  __meta_ecs_desired_status: "RUNNING",
  __meta_ecs_ec2_instance_id: "i-1",
  __meta_ecs_ec2_instance_private_ip: "10.9.0.1",
  __meta_ecs_ec2_instance_public_ip: "198.51.100.1",
  __meta_ecs_ec2_instance_type: "m5.large",
  __meta_ecs_health_status: "UNKNOWN",
  __meta_ecs_last_status: "PENDING",
  __meta_ecs_launch_type: "EC2",
  __meta_ecs_region: "eu-west-1",
  __meta_ecs_service: "web",
  __meta_ecs_service_arn: "arn:aws:ecs:eu-west-1:1:service/main/web",
  __meta_ecs_service_status: "ACTIVE",
  __meta_ecs_tag_cluster_env_x: "prod",
  __meta_ecs_tag_ec2_Name: "n1",
  __meta_ecs_tag_service_team: "a",
  __meta_ecs_tag_task_release: "r1",
  __meta_ecs_task_definition: "arn:d:3",
  __meta_ecs_task_group: "service:web",
};

test("ECS discovery returns all labels of tasks on the network of their host, and with an own network interface", async () => {
  const aws = await simulatedAws();
  serve(aws, [task, { ...task, taskArn: "arn:t2", attachments: [{ type: "other" }, attachment] }]);
  expect(await labelsOf(startAws(aws, ecsKind, "port: 9100"))).toEqual([
    {
      __address__: "10.9.0.1:9100",
      ...onHost,
      __meta_ecs_ip_address: "10.9.0.1",
      __meta_ecs_network_mode: "bridge",
      __meta_ecs_public_ip: "198.51.100.1",
      __meta_ecs_subnet_id: "subnet-host",
      __meta_ecs_task_arn: "arn:t1",
    },
    {
      __address__: "10.0.0.7:9100",
      ...onHost,
      __meta_ecs_ip_address: "10.0.0.7",
      __meta_ecs_network_mode: "awsvpc",
      __meta_ecs_public_ip: "203.0.113.7",
      __meta_ecs_subnet_id: "subnet-nic",
      __meta_ecs_task_arn: "arn:t2",
    },
  ]);
  expect(new Set(aws.calls.map(({ action, scope }) => `${scope} ${action}`))).toEqual(
    new Set([
      "eu-west-1/ecs DescribeClusters",
      "eu-west-1/ecs ListClusters",
      "eu-west-1/ecs ListServices",
      "eu-west-1/ecs ListTasks",
      "eu-west-1/ecs DescribeServices",
      "eu-west-1/ecs DescribeTasks",
      "eu-west-1/ecs DescribeContainerInstances",
      "eu-west-1/ec2 DescribeNetworkInterfaces",
      "eu-west-1/ec2 DescribeInstances",
    ]),
  );
});

test("ECS discovery has only the labels that are known of a Fargate task, and omits tasks without an address", async () => {
  const aws = await simulatedAws();
  const fargate = {
    taskArn: "arn:t3",
    group: "family:web",
    launchType: "FARGATE",
    healthStatus: "HEALTHY",
    platformFamily: "Linux",
    platformVersion: "1.4.0",
    attachments: [{ ...attachment, details: [{ name: "privateIPv4Address", value: "10.0.0.8" }] }],
  };
  const elsewhere = { ...task, taskArn: "arn:t4", containerInstanceArn: "arn:unknown" };
  serve(aws, [fargate, elsewhere, { ...fargate, taskArn: "arn:t5", attachments: [] }]);
  expect(await labelsOf(startAws(aws, ecsKind))).toEqual([
    {
      __address__: "10.0.0.8:80",
      __meta_ecs_cluster: "main",
      __meta_ecs_cluster_arn: CLUSTER,
      __meta_ecs_health_status: "HEALTHY",
      __meta_ecs_ip_address: "10.0.0.8",
      __meta_ecs_launch_type: "FARGATE",
      __meta_ecs_network_mode: "awsvpc",
      __meta_ecs_platform_family: "Linux",
      __meta_ecs_platform_version: "1.4.0",
      __meta_ecs_region: "eu-west-1",
      __meta_ecs_tag_cluster_env_x: "prod",
      __meta_ecs_task_arn: "arn:t3",
      __meta_ecs_task_group: "family:web",
    },
  ]);
});

test("ECS discovery loses only the targets of a cluster that cannot be described", async () => {
  const aws = await simulatedAws();
  serve(aws, [{ ...task, attachments: [attachment] }]);
  const second = { clusterArn: "arn:second", clusterName: "second" };
  aws.actions.set("DescribeClusters", () => ({ json: { clusters: [cluster, second] } }));
  const tasks = aws.actions.get("DescribeTasks")!;
  aws.actions.set("DescribeTasks", (call) =>
    (call.input as { cluster: string }).cluster === CLUSTER
      ? { status: 400, json: { __type: "ClusterNotFoundException", message: "Cluster not found." } }
      : tasks(call),
  );
  const run = startAws(aws, ecsKind, `clusters: [${CLUSTER}, second]`);
  expect((await labelsOf(run)).map(({ __meta_ecs_cluster: name }) => name)).toEqual(["second"]);
  expect(aws.calls.some(({ action }) => action === "ListClusters")).toBe(false);
  expect(run.logger.lines).toMatchObject([
    { level: "error", fields: { cluster: CLUSTER, err: expect.stringContaining("Cluster not found.") as string } },
  ]);
});

test.each([
  { status: 400, json: { __type: "ThrottlingException", message: "Rate exceeded" } },
  { status: 503, json: {} },
])("ECS discovery keeps its targets while AWS answers the description of a cluster with %j", async (busy) => {
  const aws = await simulatedAws();
  serve(aws, [{ ...task, attachments: [attachment] }]);
  const run = startAws(aws, ecsKind);
  expect(await labelsOf(run)).toHaveLength(1);
  aws.actions.set("DescribeTasks", () => busy);
  while (run.logger.lines.length === 0) await run.clock.advance(1000);
  expect(run.logger.lines[0]!.message).toMatch(/^Unable to refresh target groups/);
  expect(run.groups.get("eu-west-1")!.targets).toHaveLength(1);
});

test("ECS discovery fails if a list fails, and finds nothing without clusters", async () => {
  const aws = await simulatedAws();
  serve(aws, [task]);
  const refuse = (): { status: number; json: unknown } => ({ status: 400, json: { __type: "AccessDeniedException" } });
  aws.actions.set("ListTasks", refuse);
  const run = startAws(aws, ecsKind);
  expect(await failureOf(run)).toMatch(
    /^could not list tasks for cluster "arn:aws:ecs:eu-west-1:1:cluster\/main": operation error ECS: ListTasks/,
  );
  aws.actions.set("ListClusters", () => ({ json: { clusterArns: [] } }));
  const next = run.next();
  await run.clock.advance(60_000);
  expect(await next).toMatchObject([{ source: "eu-west-1", targets: [] }]);
});

test("ECS discovery sends at most 10 services and 100 tasks in a request", async () => {
  const aws = await simulatedAws();
  serve(aws, [task]);
  const arns = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => `arn:${from + i}`);
  aws.actions.set("ListServices", () => ({ json: { serviceArns: arns(25) } }));
  aws.actions.set("ListTasks", ({ input }) => {
    const { nextToken } = input as { nextToken?: string };
    return { json: nextToken === undefined ? { taskArns: arns(100), nextToken: "n" } : { taskArns: arns(30, 100) } };
  });
  await startAws(aws, ecsKind).next();
  const sizes = (action: string, field: string): number[] =>
    aws.calls
      .filter((call: AwsCall) => call.action === action)
      .map(({ input }) => (input as Record<string, string[]>)[field]!.length);
  expect(sizes("DescribeServices", "services")).toEqual([10, 10, 5]);
  expect(sizes("DescribeTasks", "tasks")).toEqual([100, 30]);
});
