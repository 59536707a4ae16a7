import { field, INVALID, section, text } from "@narthex/config";
import { Labels } from "@narthex/model";
import { checkHost, DockerEngine, type EngineConfig, engineFields } from "../docker/docker-engine.ts";
import { definePolled } from "../../polled-discoverer.ts";
import { nodeTargets } from "./nodes.ts";
import { serviceTargets } from "./services.ts";
import { taskTargets } from "./tasks.ts";

interface SwarmDiscovery extends EngineConfig {
  readonly role: string;
}

const { httpClient, host, ...shared } = engineFields;

const codec = section<SwarmDiscovery>(
  "moby.plain",
  { httpClient, host, role: field("role", text, "", true), ...shared },
  (value, at, report) => {
    if (!checkHost(value.host, at.host, report)) return INVALID;
    if (value.role in roles) return value;
    const problem =
      value.role === ""
        ? "role missing (one of: tasks, services, nodes)"
        : `invalid role ${value.role}, expected tasks, services, or nodes`;
    report(at.role, "swarm-role", problem, "write role: tasks, role: services or role: nodes");
    return INVALID;
  },
);

/**
 * Returns the targets of one swarm role.
 * @param port used if no port is published
 */
type RoleTargets = (engine: DockerEngine, port: number) => Promise<Labels[]>;

const roles: Readonly<Record<string, RoleTargets>> = {
  __proto__: null as never,
  services: serviceTargets,
  tasks: taskTargets,
  nodes: nodeTargets,
};

/** Finds the services, tasks or nodes of a Docker swarm. Requests them from one of the swarm's managers. */
export const dockerswarmDiscoverer = definePolled<SwarmDiscovery>({
  key: "dockerswarm_sd_configs",
  name: "dockerswarm",
  goType: "moby.DockerSwarmSDConfig",
  codec,
  intervalMs: (config) => config.refreshIntervalMs,
  async open(config, context) {
    const engine = await DockerEngine.open(config, context);
    const targets = roles[config.role]!;
    return async () => [{ source: "DockerSwarm", targets: await targets(engine, config.port), labels: Labels.EMPTY }];
  },
});
