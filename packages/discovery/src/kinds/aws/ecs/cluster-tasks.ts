import { AwsError, type QueryApi } from "@narthex/http";
import type { Logger } from "@narthex/runtime";
import { AnswerError, during } from "../../../answers/answer-error.ts";
import type { JsonValue } from "../../../answers/json-value.ts";
import { type HostInstance, hostInstances, publicAddresses } from "../ec2/instance-addresses.ts";
import type { Description, EcsApi } from "./ecs-api.ts";

/** A cluster, and the ARNs of its services and tasks. */
export interface ListedCluster {
  readonly cluster: JsonValue;
  readonly services: readonly string[];
  readonly tasks: readonly string[];
}

/** The tasks of a cluster, and what their labels need. */
export interface ClusterTasks {
  readonly cluster: JsonValue;
  readonly tasks: readonly JsonValue[];
  /** Services by name. */
  readonly services: ReadonlyMap<string, JsonValue>;
  /** IDs of EC2 instances by the ARN of the container instance. */
  readonly instanceIds: ReadonlyMap<string, string>;
  readonly instances: ReadonlyMap<string, HostInstance>;
  /** Public addresses by the ID of the network interface. */
  readonly publicIps: ReadonlyMap<string, string>;
}

export interface EcsApis {
  readonly ecs: EcsApi;
  readonly ec2: QueryApi;
  readonly logger: Logger;
}

const WITH_TAGS = { include: ["TAGS"] };
const SERVICES: Description = { operation: "DescribeServices", arns: "services", list: "services", batch: 10 };
const TASKS: Description = { operation: "DescribeTasks", arns: "tasks", list: "tasks", batch: 100 };
const CONTAINER_INSTANCES: Description = {
  operation: "DescribeContainerInstances",
  arns: "containerInstances",
  list: "containerInstances",
  batch: 100,
};

/**
 * Describes the tasks of a cluster. Returns undefined, and logs the error, if AWS refuses a request: then only this
 * cluster has no targets. Rejects if AWS is overloaded or cannot be reached.
 */
export async function describeCluster(listed: ListedCluster, apis: EcsApis): Promise<ClusterTasks | undefined> {
  const arn = listed.cluster.text("clusterArn");
  try {
    return await during(`could not describe the tasks of cluster "${arn}"`, () => describe(listed, arn, apis));
  } catch (error) {
    const { cause, message: err } = error as Error;
    const concernsCluster = cause instanceof AwsError ? !cause.isBusy : cause instanceof AnswerError;
    if (!concernsCluster) throw error;
    apis.logger.error("Failed to describe a cluster: its tasks are no targets until the next refresh", {
      cluster: arn,
      err,
    });
    return undefined;
  }
}

async function describe(listed: ListedCluster, arn: string, { ecs, ec2 }: EcsApis): Promise<ClusterTasks> {
  const input = { cluster: arn, ...WITH_TAGS };
  const [services, tasks] = await Promise.all([
    ecs.describe(SERVICES, listed.services, input),
    ecs.describe(TASKS, listed.tasks, input),
  ]);
  const hosts = [...new Set(tasks.map((task) => task.text("containerInstanceArn")).filter((host) => host !== ""))];
  const nics = tasks.map((task) => networkInterface(task)?.id ?? "").filter((nic) => nic !== "");
  const [containerInstances, publicIps] = await Promise.all([
    ecs.describe(CONTAINER_INSTANCES, hosts, { cluster: arn }),
    publicAddresses(ec2, nics),
  ]);
  const instanceIds = new Map(
    containerInstances
      .map((instance) => [instance.text("containerInstanceArn"), instance.text("ec2InstanceId")] as const)
      .filter(([host, id]) => host !== "" && id !== ""),
  );
  return {
    cluster: listed.cluster,
    tasks,
    services: new Map(services.map((service) => [service.text("serviceName"), service])),
    instanceIds,
    instances: await hostInstances(ec2, [...instanceIds.values()]),
    publicIps,
  };
}

/** The network interface of a task in the network mode awsvpc. */
export interface TaskInterface {
  readonly id: string;
  readonly address: string;
  readonly subnetId: string;
}

/** Returns the network interface of a task, or undefined if the task uses the network of its host. */
export function networkInterface(task: JsonValue): TaskInterface | undefined {
  const attachment = task.list("attachments").find((some) => some.text("type") === "ElasticNetworkInterface");
  if (attachment === undefined) return undefined;
  const details = new Map(attachment.list("details").map((detail) => [detail.text("name"), detail.text("value")]));
  return {
    id: details.get("networkInterfaceId") ?? "",
    address: details.get("privateIPv4Address") ?? "",
    subnetId: details.get("subnetId") ?? "",
  };
}
