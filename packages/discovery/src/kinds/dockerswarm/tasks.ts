import { Labels } from "@narthex/model";
import type { DockerEngine } from "../docker/docker-engine.ts";
import { networkLabels } from "../docker/docker-network.ts";
import { hostPort } from "../../target-labels.ts";
import { prefixedLabels } from "../../target-labels.ts";
import { nodeLabels } from "./nodes.ts";
import { addressIn, type Service, serviceLabels, type SwarmPort, tcpPorts } from "./services.ts";

interface Task {
  readonly ID: string;
  readonly ServiceID?: string;
  readonly NodeID?: string;
  readonly Slot?: number;
  readonly DesiredState?: string;
  readonly Spec?: { readonly ContainerSpec?: { readonly Labels?: Readonly<Record<string, string>> | null } };
  readonly Status?: {
    readonly State?: string;
    readonly ContainerStatus?: { readonly ContainerID?: string };
    readonly PortStatus?: { readonly Ports?: readonly SwarmPort[] | null };
  };
  readonly NetworksAttachments?:
    | readonly { readonly Network?: { readonly ID?: string }; readonly Addresses?: readonly string[] | null }[]
    | null;
}

/**
 * Returns the targets of swarm tasks: one for each port that a task publishes on its node, and one for each combination
 * of a task's network address and a TCP port that its service publishes.
 */
export async function taskTargets(engine: DockerEngine, port: number): Promise<Labels[]> {
  const tasks = await engine.list<Task>("tasks", "listing swarm tasks", "filtered");
  const services = await engine.list<Service>("services", "computing services labels and ports", "all");
  const nodes = await nodeLabels(engine, "computing nodes labels");
  const networks = await networkLabels(engine, "__meta_dockerswarm_", "computing swarm network labels");
  const byId = new Map(services.map((service) => [service.ID, service]));
  return tasks.flatMap((task) => {
    const service = byId.get(task.ServiceID ?? "");
    const labels = {
      ...taskLabels(task),
      ...(service === undefined ? {} : serviceLabels(service)),
      ...nodes.get(task.NodeID ?? ""),
    };
    return [
      ...nodePorts(task, labels),
      ...networkPorts(task, labels, tcpPorts(service?.Endpoint?.Ports), port, networks),
    ];
  });
}

const taskLabels = (task: Task): Record<string, string> => ({
  __meta_dockerswarm_task_id: task.ID,
  __meta_dockerswarm_task_desired_state: task.DesiredState ?? "",
  __meta_dockerswarm_task_state: task.Status?.State ?? "",
  __meta_dockerswarm_task_slot: String(task.Slot ?? 0),
  __meta_dockerswarm_task_container_id: task.Status?.ContainerStatus?.ContainerID ?? "",
  ...prefixedLabels("__meta_dockerswarm_container_label_", task.Spec?.ContainerSpec?.Labels),
});

/** Returns one target for each port that a swarm task publishes in host mode, at the address of the task's node. */
function nodePorts(task: Task, labels: Readonly<Record<string, string>>): Labels[] {
  const node = labels["__meta_dockerswarm_node_address"] ?? "";
  return tcpPorts(task.Status?.PortStatus?.Ports).map((port) =>
    Labels.of({
      ...labels,
      __meta_dockerswarm_task_port_publish_mode: port.PublishMode ?? "",
      __address__: hostPort(node, port.PublishedPort ?? 0),
    }),
  );
}

function networkPorts(
  task: Task,
  labels: Readonly<Record<string, string>>,
  ports: readonly SwarmPort[],
  fallback: number,
  networks: ReadonlyMap<string, Readonly<Record<string, string>>>,
): Labels[] {
  return (task.NetworksAttachments ?? []).flatMap(({ Network, Addresses }) =>
    (Addresses ?? []).flatMap((address) => {
      const ip = addressIn(address);
      const shared = { ...labels, ...networks.get(Network?.ID ?? "") };
      if (ports.length === 0) return [Labels.of({ ...shared, __address__: hostPort(ip, fallback) })];
      return ports.map((port) =>
        Labels.of({
          ...shared,
          __meta_dockerswarm_task_port_publish_mode: port.PublishMode ?? "",
          __address__: hostPort(ip, port.PublishedPort ?? 0),
        }),
      );
    }),
  );
}
