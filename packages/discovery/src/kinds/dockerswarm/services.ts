import { isIP } from "node:net";
import { Labels } from "@narthex/model";
import type { DockerEngine } from "../docker/docker-engine.ts";
import { networkLabels } from "../docker/docker-network.ts";
import { hostPort } from "../../target-labels.ts";
import { prefixedLabels } from "../../target-labels.ts";

export interface SwarmPort {
  readonly Name?: string;
  readonly Protocol?: string;
  readonly PublishedPort?: number;
  readonly PublishMode?: string;
}

export interface Service {
  readonly ID: string;
  readonly Spec: {
    readonly Name?: string;
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly Mode?: { readonly Global?: object; readonly Replicated?: object };
    readonly TaskTemplate?: { readonly ContainerSpec?: { readonly Image?: string; readonly Hostname?: string } };
  };
  readonly Endpoint?: {
    readonly Ports?: readonly SwarmPort[] | null;
    readonly VirtualIPs?: readonly { readonly NetworkID?: string; readonly Addr?: string }[] | null;
  };
  readonly UpdateStatus?: { readonly State?: string };
}

/** Returns a target for every virtual address of a service and each TCP port that the service publishes. */
export async function serviceTargets(engine: DockerEngine, port: number): Promise<Labels[]> {
  const services = await engine.list<Service>("services", "listing swarm services", "filtered");
  const networks = await networkLabels(engine, "__meta_dockerswarm_", "computing swarm network labels");
  return services.flatMap((service) => {
    const labels = { ...serviceLabels(service), ...taskTemplateLabels(service) };
    const ports = tcpPorts(service.Endpoint?.Ports);
    return (service.Endpoint?.VirtualIPs ?? []).flatMap(({ NetworkID = "", Addr = "" }) => {
      // Skips entries of `VirtualIPs` without an address. Services on the host's network have such entries.
      if (Addr === "") return [];
      const ip = addressIn(Addr);
      const shared = { ...labels, ...networks.get(NetworkID) };
      if (ports.length === 0) return [Labels.of({ ...shared, __address__: hostPort(ip, port) })];
      return ports.map((one) =>
        Labels.of({
          __meta_dockerswarm_service_endpoint_port_name: one.Name ?? "",
          __meta_dockerswarm_service_endpoint_port_publish_mode: one.PublishMode ?? "",
          ...shared,
          __address__: hostPort(ip, one.PublishedPort ?? 0),
        }),
      );
    });
  });
}

export const tcpPorts = (ports: readonly SwarmPort[] | null | undefined): readonly SwarmPort[] =>
  (ports ?? []).filter((port) => port.Protocol === "tcp");

/** Returns the IP address of a text such as `10.0.0.3/24`. Throws if the text is invalid. */
export function addressIn(network: string): string {
  const [ip = "", length] = network.split("/");
  const bits = isIP(ip) === 4 ? 32 : isIP(ip) === 6 ? 128 : -1;
  if (length === undefined || !/^\d{1,3}$/.test(length) || Number(length) > bits)
    throw new Error(`error while parsing address ${network}: invalid CIDR address: ${network}`);
  return ip;
}

/** Returns the labels of a service. Targets of the service's tasks have these labels too. */
export const serviceLabels = (service: Service): Record<string, string> => ({
  __meta_dockerswarm_service_id: service.ID,
  __meta_dockerswarm_service_name: service.Spec.Name ?? "",
  __meta_dockerswarm_service_mode: modeOf(service),
  ...prefixedLabels("__meta_dockerswarm_service_label_", service.Spec.Labels),
});

function modeOf({ Spec: { Mode } }: Service): string {
  if (Mode?.Global !== undefined) return "global";
  return Mode?.Replicated === undefined ? "" : "replicated";
}

/** Returns the labels of a service's containers. Empty for services that run plugins instead of containers. */
function taskTemplateLabels({ Spec, UpdateStatus }: Service): Record<string, string> {
  const spec = Spec.TaskTemplate?.ContainerSpec;
  return {
    __meta_dockerswarm_service_task_container_hostname: spec?.Hostname ?? "",
    __meta_dockerswarm_service_task_container_image: spec?.Image ?? "",
    __meta_dockerswarm_service_updating_status: UpdateStatus?.State ?? "",
  };
}
