import { type ServedAnswer, numbered, pageOf } from "../../../testing/served-kind.ts";
import { ACCOUNT, element, REGION, servedAws, type ServedCall } from "../../../testing/served-aws.ts";

/** Number of tasks in one cluster of the served API. */
const TASKS_A_CLUSTER = 150;

type Resource = Readonly<Record<string, unknown>>;

/**
 * The APIs as in https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Operations.html and in the EC2 API
 * reference. Tasks with an even number have an own network interface, other tasks run on an EC2 instance.
 */
export const servedEcs = servedAws({
  name: "ecs",
  isInPrometheus: false,
  serve(count) {
    const clusters = numbered(Math.ceil(count / TASKS_A_CLUSTER), ecsCluster);
    const tasks = numbered(count, ecsTask);
    return (call) => (call.service === "ec2" ? ec2Answer(call) : ecsAnswer(call, clusters, tasks));
  },
});

function ecsAnswer(
  { operation, input }: ServedCall,
  clusters: readonly Resource[],
  tasks: readonly Resource[],
): ServedAnswer {
  const page = (all: readonly unknown[], name: string): ServedAnswer => {
    const { items, next } = pageOf(all, Number(input["maxResults"]), textOf(input["nextToken"]));
    return { body: { [name]: items, ...(next === "" ? {} : { nextToken: next }) } };
  };
  const inCluster = tasks.filter((task) => task["clusterArn"] === input["cluster"]);
  switch (operation) {
    case "ListClusters":
      return page(arns(clusters, "clusterArn"), "clusterArns");
    case "DescribeClusters":
      return { body: { clusters: named(clusters, "clusterArn", input["clusters"], 100), failures: [] } };
    case "ListServices":
      return page([`${textOf(input["cluster"])}/web`], "serviceArns");
    case "DescribeServices":
      return { body: { services: listOf(input["services"], 10).map((arn) => ecsService(String(arn))), failures: [] } };
    case "ListTasks":
      return page(arns(inCluster, "taskArn"), "taskArns");
    case "DescribeTasks":
      return { body: { tasks: named(inCluster, "taskArn", input["tasks"], 100), failures: [] } };
    case "DescribeContainerInstances":
      return { body: { containerInstances: listOf(input["containerInstances"], 100).map(containerInstance) } };
    default:
      return { status: 400, body: { __type: "InvalidAction" } };
  }
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

const arns = (resources: readonly Resource[], field: string): readonly unknown[] =>
  resources.map((some) => some[field]);

/** Returns the items of a list in the input. Refuses a list that is longer than the API accepts. */
function listOf(value: unknown, most: number): readonly unknown[] {
  const list = Array.isArray(value) ? (value as unknown[]) : [];
  if (list.length > most) throw new Error(`more than ${most} in one request`);
  return list;
}

const named = (resources: readonly Resource[], field: string, value: unknown, most: number): readonly Resource[] => {
  const wanted = new Set(listOf(value, most));
  return resources.filter((some) => wanted.has(some[field]));
};

const clusterArn = (i: number): string => `arn:aws:ecs:${REGION}:${ACCOUNT}:cluster/c${i}`;

const ecsCluster = (i: number): Resource => ({
  clusterArn: clusterArn(i),
  clusterName: `c${i}`,
  status: "ACTIVE",
  tags: [{ key: "env", value: "prod" }],
});

const ecsService = (arn: string): Resource => ({
  serviceArn: arn,
  serviceName: "web",
  status: "ACTIVE",
  tags: [{ key: "team:name", value: "a" }],
});

const containerInstance = (arn: unknown): Resource => ({
  containerInstanceArn: arn,
  ec2InstanceId: String(arn).replace(/^.*\//, "i-"),
});

/** Returns a task as in the reference of DescribeTasks. */
function ecsTask(i: number): Resource {
  const isFargate = i % 2 === 0;
  const cluster = Math.ceil(i / TASKS_A_CLUSTER);
  return {
    taskArn: `arn:aws:ecs:${REGION}:${ACCOUNT}:task/c${cluster}/${i}`,
    clusterArn: clusterArn(cluster),
    taskDefinitionArn: `arn:aws:ecs:${REGION}:${ACCOUNT}:task-definition/web:3`,
    group: i % 3 === 0 ? "family:web" : "service:web",
    availabilityZone: "eu-west-1a",
    desiredStatus: "RUNNING",
    lastStatus: "RUNNING",
    healthStatus: "HEALTHY",
    launchType: isFargate ? "FARGATE" : "EC2",
    ...(isFargate
      ? { platformFamily: "Linux", platformVersion: "1.4.0", attachments: [networkAttachment(i)] }
      : { attachments: [], containerInstanceArn: `arn:aws:ecs:${REGION}:${ACCOUNT}:container-instance/c/${i % 20}` }),
    tags: [{ key: "release", value: `r${i % 4}` }],
  };
}

const networkAttachment = (i: number): Resource => ({
  id: `a-${i}`,
  type: "ElasticNetworkInterface",
  status: "ATTACHED",
  details: [
    { name: "subnetId", value: "subnet-1" },
    { name: "networkInterfaceId", value: `eni-${i}` },
    { name: "privateIPv4Address", value: `10.0.${i >> 8}.${i % 256}` },
  ],
});

function ec2Answer({ operation, form }: ServedCall): ServedAnswer {
  const ids = [...form].filter(([name]) => /^(?:InstanceId|NetworkInterfaceId)\.\d+$/.test(name)).map(([, id]) => id);
  const items =
    operation === "DescribeInstances"
      ? element("reservationSet", ...ids.map((id) => element("item", element("instancesSet", ec2Instance(id)))))
      : element("networkInterfaceSet", ...ids.map(networkInterface));
  return { body: element(`${operation}Response`, items) };
}

const ec2Instance = (id: string): string =>
  element(
    "item",
    element("instanceId", id),
    element("privateIpAddress", `10.9.0.${id.slice(2)}`),
    element("ipAddress", `198.51.100.${id.slice(2)}`),
    element("subnetId", "subnet-2"),
    element("instanceType", "m5.large"),
    element("tagSet", element("item", element("key", "Name"), element("value", id))),
  );

const networkInterface = (id: string): string =>
  element("item", element("networkInterfaceId", id), element("association", element("publicIp", "203.0.113.9")));
