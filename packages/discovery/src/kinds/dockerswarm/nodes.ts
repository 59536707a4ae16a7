import { Labels } from "@narthex/model";
import type { DockerEngine } from "../docker/docker-engine.ts";
import { hostPort } from "../../target-labels.ts";
import { prefixedLabels } from "../../target-labels.ts";

interface Node {
  readonly ID: string;
  readonly Spec?: {
    readonly Role?: string;
    readonly Availability?: string;
    readonly Labels?: Readonly<Record<string, string>> | null;
  };
  readonly Description?: {
    readonly Hostname?: string;
    readonly Platform?: { readonly Architecture?: string; readonly OS?: string };
    readonly Engine?: { readonly EngineVersion?: string };
  };
  readonly Status?: { readonly State?: string; readonly Addr?: string };
  readonly ManagerStatus?: { readonly Leader?: boolean; readonly Reachability?: string; readonly Addr?: string };
}

/** Returns one target for each node of the Docker swarm: the node's address with the configured port. */
export async function nodeTargets(engine: DockerEngine, port: number): Promise<Labels[]> {
  const nodes = await engine.list<Node>("nodes", "listing swarm nodes", "filtered");
  return nodes.map((node) =>
    Labels.of({
      ...labelsOf(node),
      __meta_dockerswarm_node_engine_version: node.Description?.Engine?.EngineVersion ?? "",
      ...managerLabels(node),
      __address__: hostPort(node.Status?.Addr ?? "", port),
    }),
  );
}

/** Returns labels for the nodes of a Docker swarm, by node id. Targets of tasks get the labels of their node. */
export async function nodeLabels(
  engine: DockerEngine,
  doing: string,
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const nodes = await engine.list<Node>("nodes", doing, "all");
  return new Map(nodes.map((node) => [node.ID, labelsOf(node)]));
}

const labelsOf = ({ ID, Spec, Description, Status }: Node): Record<string, string> => ({
  __meta_dockerswarm_node_id: ID,
  __meta_dockerswarm_node_role: Spec?.Role ?? "",
  __meta_dockerswarm_node_address: Status?.Addr ?? "",
  __meta_dockerswarm_node_availability: Spec?.Availability ?? "",
  __meta_dockerswarm_node_hostname: Description?.Hostname ?? "",
  __meta_dockerswarm_node_platform_architecture: Description?.Platform?.Architecture ?? "",
  __meta_dockerswarm_node_platform_os: Description?.Platform?.OS ?? "",
  __meta_dockerswarm_node_status: Status?.State ?? "",
  ...prefixedLabels("__meta_dockerswarm_node_label_", Spec?.Labels),
});

function managerLabels({ ManagerStatus: manager }: Node): Record<string, string> {
  if (manager === undefined) return {};
  return {
    __meta_dockerswarm_node_manager_leader: String(manager.Leader ?? false),
    __meta_dockerswarm_node_manager_reachability: manager.Reachability ?? "",
    __meta_dockerswarm_node_manager_address: manager.Addr ?? "",
  };
}
