import { Labels } from "@narthex/model";
import { logOnChange } from "@narthex/runtime";
import { AnswerError } from "../../answers/answer-error.ts";
import { JsonValue } from "../../answers/json-value.ts";
import type { DiscoveryContext, Emit } from "../../discoverer.ts";
import type { TargetGroup } from "../../target-group.ts";
import type { Member } from "./members.ts";
import { NodeTree } from "./node-tree.ts";
import type { ZooKeeperDiscovery } from "./zookeeper.ts";
import { ZooKeeperClient } from "./zookeeper-client.ts";
import { zooKeeperMetrics } from "./zookeeper-metrics.ts";

/** Watches the trees of nodes below the configured paths, and emits one group for each node, until discovery stops. */
export async function watchTrees(
  config: ZooKeeperDiscovery,
  member: Member,
  context: DiscoveryContext,
  emit: Emit,
): Promise<void> {
  const { clock, logger, signal } = context;
  const client = new ZooKeeperClient({
    servers: shuffled(config.servers),
    sessionTimeoutMs: config.timeoutMs,
    clock,
    signal,
    log: logOnChange(logger, "the connection to ZooKeeper"),
    onEvent: (path) => trees.forEach((tree) => tree.changed(path)),
    onExpired: () => trees.forEach((tree) => tree.lost()),
  });
  const metrics = zooKeeperMetrics.of(context.metrics);
  const trees = config.paths.map(
    (root) =>
      new NodeTree({
        root,
        client,
        clock,
        signal,
        log: logOnChange(logger, `watching ${root} in ZooKeeper (its targets stay)`),
        onFailure: () => metrics.failures.inc(),
        onWatched: (count) => metrics.watched.inc(count),
        onChanges: (changes) => emit(changes.map(([path, data]) => groupOf(path, data, member))),
      }),
  );
  await Promise.all([client.run(), ...trees.map((tree) => tree.run())]);
}

/** Returns the group of a node: no targets if the node was deleted, or if its data does not describe a member. */
function groupOf(path: string, data: Buffer | undefined, member: Member): TargetGroup {
  const labels = data === undefined ? undefined : labelsOf(data, path, member);
  return { source: path, targets: labels === undefined ? [] : [labels], labels: Labels.EMPTY };
}

function labelsOf(data: Buffer, path: string, member: Member): Labels | undefined {
  try {
    return Labels.of(member(JsonValue.of(JSON.parse(data.toString("utf8"))), path));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof AnswerError) return undefined;
    throw error;
  }
}

/** Returns the servers in random order, so that clients spread over the ensemble. */
function shuffled(servers: readonly string[]): readonly string[] {
  const left = [...servers];
  return servers.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0]!);
}
