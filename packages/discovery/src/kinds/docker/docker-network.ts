import type { DockerEngine } from "./docker-engine.ts";
import { prefixedLabels } from "../../target-labels.ts";

interface Network {
  readonly Id: string;
  readonly Name: string;
  readonly Scope?: string;
  readonly Internal?: boolean;
  readonly Ingress?: boolean;
  readonly Labels?: Readonly<Record<string, string>> | null;
}

/** Returns the labels of each Docker network, by network id. @param prefix `__meta_docker_` or `__meta_dockerswarm_` */
export async function networkLabels(
  engine: DockerEngine,
  prefix: string,
  doing: string,
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const networks = await engine.list<Network>("networks", doing, "all");
  return new Map(
    networks.map((network) => [
      network.Id,
      {
        [`${prefix}network_id`]: network.Id,
        [`${prefix}network_name`]: network.Name,
        [`${prefix}network_scope`]: network.Scope ?? "",
        [`${prefix}network_internal`]: String(network.Internal ?? false),
        [`${prefix}network_ingress`]: String(network.Ingress ?? false),
        ...prefixedLabels(`${prefix}network_label_`, network.Labels),
      },
    ]),
  );
}
