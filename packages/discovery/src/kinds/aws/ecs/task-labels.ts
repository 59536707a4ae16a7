import type { JsonValue } from "../../../answers/json-value.ts";
import type { TargetLabels } from "../../../answers/targets-in-turns.ts";
import { hostPort } from "../../../target-labels.ts";
import type { HostInstance } from "../ec2/instance-addresses.ts";
import { jsonTags, tagLabels } from "../tag-labels.ts";
import { type ClusterTasks, networkInterface } from "./cluster-tasks.ts";

const SERVICE_GROUP = "service:";

/** Returns the labels of a task, or undefined if its address is not known. */
export function taskLabels(
  task: JsonValue,
  of: ClusterTasks,
  { region, port }: { readonly region: string; readonly port: number },
): TargetLabels | undefined {
  const instanceId = of.instanceIds.get(task.text("containerInstanceArn")) ?? "";
  const instance = of.instances.get(instanceId);
  const network = networkOf(task, of, instance);
  if (network.address === "") return undefined;
  const group = task.text("group");
  return {
    __address__: hostPort(network.address, port),
    __meta_ecs_availability_zone: task.text("availabilityZone"),
    __meta_ecs_cluster: of.cluster.text("clusterName"),
    __meta_ecs_cluster_arn: of.cluster.text("clusterArn"),
    __meta_ecs_container_instance_arn: task.text("containerInstanceArn"),
    __meta_ecs_desired_status: task.text("desiredStatus"),
    __meta_ecs_ec2_instance_id: instanceId,
    __meta_ecs_ec2_instance_private_ip: instance?.privateIp ?? "",
    __meta_ecs_ec2_instance_public_ip: instance?.publicIp ?? "",
    __meta_ecs_ec2_instance_type: instance?.type ?? "",
    __meta_ecs_health_status: task.text("healthStatus"),
    __meta_ecs_ip_address: network.address,
    __meta_ecs_last_status: task.text("lastStatus"),
    __meta_ecs_launch_type: task.text("launchType"),
    __meta_ecs_network_mode: network.mode,
    __meta_ecs_platform_family: task.text("platformFamily"),
    __meta_ecs_platform_version: task.text("platformVersion"),
    __meta_ecs_public_ip: network.publicIp,
    __meta_ecs_region: region,
    __meta_ecs_subnet_id: network.subnetId,
    __meta_ecs_task_arn: task.text("taskArn"),
    __meta_ecs_task_definition: task.text("taskDefinitionArn"),
    __meta_ecs_task_group: group,
    ...tagLabels("__meta_ecs_tag_cluster_", jsonTags(of.cluster)),
    ...(group.startsWith(SERVICE_GROUP) ? serviceLabels(of.services.get(group.slice(SERVICE_GROUP.length))) : {}),
    ...tagLabels("__meta_ecs_tag_task_", jsonTags(task)),
    ...tagLabels("__meta_ecs_tag_ec2_", instance?.tags ?? []),
  };
}

interface TaskNetwork {
  readonly mode: string;
  readonly address: string;
  readonly subnetId: string;
  readonly publicIp: string;
}

/** Returns the network of a task: its own interface, or that of the EC2 instance on which it runs. */
function networkOf(task: JsonValue, of: ClusterTasks, instance: HostInstance | undefined): TaskNetwork {
  const own = networkInterface(task);
  if (own !== undefined) return { ...own, mode: "awsvpc", publicIp: of.publicIps.get(own.id) ?? "" };
  return {
    mode: "bridge",
    address: instance?.privateIp ?? "",
    subnetId: instance?.subnetId ?? "",
    publicIp: instance?.publicIp ?? "",
  };
}

/** Returns the labels of a task's service. The service may be deleted since the list of services was read. */
function serviceLabels(service: JsonValue | undefined): TargetLabels {
  if (service === undefined) return {};
  return {
    __meta_ecs_service: service.text("serviceName"),
    __meta_ecs_service_arn: service.text("serviceArn"),
    __meta_ecs_service_status: service.text("status"),
    ...tagLabels("__meta_ecs_tag_service_", jsonTags(service)),
  };
}
