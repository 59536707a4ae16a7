import { field, flag, INVALID, section, text } from "@narthex/config";
import { compareBytewise, Labels } from "@narthex/model";
import { checkHost, DockerEngine, type EngineConfig, engineFields } from "./docker-engine.ts";
import { networkLabels } from "./docker-network.ts";
import { hostPort } from "../../target-labels.ts";
import { prefixedLabels } from "../../target-labels.ts";
import { definePolled } from "../../polled-discoverer.ts";

interface DockerDiscovery extends EngineConfig {
  readonly hostNetworkingHost: string;
  readonly matchFirstNetwork: boolean;
}

const { refreshIntervalMs, ...shared } = engineFields;

const codec = section<DockerDiscovery>(
  "moby.plain",
  {
    ...shared,
    hostNetworkingHost: field("host_networking_host", text, "localhost", true),
    refreshIntervalMs,
    matchFirstNetwork: field("match_first_network", flag, true, true),
  },
  (value, at, report) => (checkHost(value.host, at.host, report) ? value : INVALID),
);

interface Endpoint {
  readonly NetworkID?: string;
  readonly IPAddress?: string;
  readonly GlobalIPv6Address?: string;
}

interface Port {
  readonly IP?: string;
  readonly PrivatePort: number;
  readonly PublicPort?: number;
  readonly Type?: string;
}

interface Container {
  readonly Id: string;
  readonly Names?: readonly string[] | null;
  readonly Image?: string;
  readonly ImageID?: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Ports?: readonly Port[] | null;
  readonly HostConfig?: { readonly NetworkMode?: string };
  readonly NetworkSettings?: { readonly Networks?: Networks | null } | null;
}

type Networks = Readonly<Record<string, Endpoint | null>>;

/** Finds the containers of one Docker engine. Creates one target for each network and TCP port of a container. */
export const dockerDiscoverer = definePolled<DockerDiscovery>({
  key: "docker_sd_configs",
  name: "docker",
  goType: "moby.DockerSDConfig",
  codec,
  intervalMs: (config) => config.refreshIntervalMs,
  async open(config, context) {
    const engine = await DockerEngine.open(config, context);
    return async () => {
      const containers = await engine.list<Container>("containers/json", "listing containers", "filtered");
      const networks = await networkLabels(engine, "__meta_docker_", "computing network labels");
      const byId = new Map(containers.map((container) => [container.Id, container]));
      const targets = containers.flatMap((container) =>
        endpointsOf(container, byId, config.matchFirstNetwork).flatMap((endpoint) =>
          targetsOf(container, endpoint, networks.get(endpoint.NetworkID ?? "") ?? {}, config),
        ),
      );
      return [{ source: "Docker", targets, labels: Labels.EMPTY }];
    };
  },
});

const modeOf = (container: Container): string => container.HostConfig?.NetworkMode ?? "";

/**
 * Returns the networks of a container. If the container shares the network of another container, returns the networks
 * of that container.
 */
function endpointsOf(
  container: Container,
  byId: ReadonlyMap<string, Container>,
  firstOnly: boolean,
): readonly Endpoint[] {
  if ((container.Names ?? []).length === 0) return [];
  const passed = new Set<Container>();
  let networks: Networks = {};
  for (let owner: Container | undefined = container; owner !== undefined && !passed.has(owner);) {
    passed.add(owner);
    networks = owner.NetworkSettings?.Networks ?? {};
    const mode = modeOf(owner);
    if (Object.keys(networks).length > 0 || !mode.startsWith("container:")) break;
    owner = byId.get(mode.slice("container:".length));
  }
  const found = Object.entries(networks).filter((entry): entry is [string, Endpoint] => entry[1] !== null);
  found.sort(([a], [b]) => compareBytewise(a, b));
  return found.slice(0, firstOnly ? 1 : found.length).map(([, endpoint]) => endpoint);
}

function targetsOf(
  container: Container,
  endpoint: Endpoint,
  network: Readonly<Record<string, string>>,
  config: DockerDiscovery,
): Labels[] {
  const ip = endpoint.IPAddress || endpoint.GlobalIPv6Address || "";
  const labels = { ...containerLabels(container), ...network, __meta_docker_network_ip: ip };
  const ports = (container.Ports ?? []).filter((port) => port.Type === "tcp");
  if (ports.length > 0) {
    return ports.map((port) =>
      Labels.of({ ...labels, ...portLabels(port), __address__: hostPort(ip, port.PrivatePort) }),
    );
  }
  // Creates one target for a container on the host's network, because such a container publishes no ports.
  const address = modeOf(container) === "host" ? config.hostNetworkingHost : hostPort(ip, config.port);
  return [Labels.of({ ...labels, __address__: address })];
}

function containerLabels(container: Container): Record<string, string> {
  return {
    __meta_docker_container_id: container.Id,
    __meta_docker_container_name: container.Names?.[0] ?? "",
    __meta_docker_container_network_mode: modeOf(container),
    __meta_docker_container_image: container.Image ?? "",
    __meta_docker_container_image_id: container.ImageID ?? "",
    ...prefixedLabels("__meta_docker_container_label_", container.Labels),
  };
}

function portLabels(port: Port): Record<string, string> {
  const own = { __meta_docker_port_private: String(port.PrivatePort) };
  if (port.PublicPort === undefined || port.PublicPort === 0) return own;
  return { ...own, __meta_docker_port_public: String(port.PublicPort), __meta_docker_port_public_ip: port.IP ?? "" };
}
