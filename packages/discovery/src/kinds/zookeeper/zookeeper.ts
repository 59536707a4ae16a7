import { field, INVALID, listOf, millis, type Section, section, text } from "@narthex/config";
import { defineWatched, type Discoverer } from "../../discoverer.ts";
import { zooKeeperMetrics } from "./zookeeper-metrics.ts";

/** One entry of `serverset_sd_configs` or `nerve_sd_configs`. */
export interface ZooKeeperDiscovery {
  readonly servers: readonly string[];
  readonly paths: readonly string[];
  readonly timeoutMs: number;
}

const sectionOf = (kind: string): Section<ZooKeeperDiscovery> =>
  section<ZooKeeperDiscovery>(
    "zookeeper.plain",
    {
      servers: field("servers", listOf(text), [], true),
      paths: field("paths", listOf(text), [], true),
      timeoutMs: field("timeout", millis, 10_000),
    },
    (value, at, report) => {
      const relative = value.paths.find((path) => !path.startsWith("/"));
      if (value.servers.length === 0) {
        const problem = `${kind} SD config must contain at least one Zookeeper server`;
        report(at.servers, "zookeeper-servers", problem, "list the servers: `servers: [zookeeper.example.org:2181]`");
      } else if (value.paths.length === 0) {
        const problem = `${kind} SD config must contain at least one path`;
        report(at.paths, "zookeeper-paths", problem, "list the nodes whose children are targets: `paths: [/services]`");
      } else if (relative !== undefined) {
        const problem = `${kind} SD config paths must begin with '/': ${relative}`;
        report(at.paths, "zookeeper-paths", problem, "write the whole path, beginning with /");
      } else return value;
      return INVALID;
    },
  );

const zooKeeperDiscoverer = (kind: "nerve" | "serverset", goType: string): Discoverer =>
  defineWatched<ZooKeeperDiscovery>({
    key: `${kind}_sd_configs`,
    name: kind,
    goType,
    metrics: zooKeeperMetrics,
    codec: sectionOf(kind),
    async watch(config, context, emit) {
      const [{ watchTrees }, { nerveMember, serversetMember }] = await Promise.all([
        import("./watched-trees.ts"),
        import("./members.ts"),
      ]);
      await watchTrees(config, kind === "nerve" ? nerveMember : serversetMember, context, emit);
    },
  });

/** Finds the members that Airbnb's Nerve registers in ZooKeeper. */
export const nerveDiscoverer = zooKeeperDiscoverer("nerve", "zookeeper.NerveSDConfig");

/** Finds the members of Twitter's server sets in ZooKeeper. */
export const serversetDiscoverer = zooKeeperDiscoverer("serverset", "zookeeper.ServersetSDConfig");
