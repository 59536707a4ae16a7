import {
  SINGLE_INSTANCE,
  broadcastChanges,
  type ClusterStatus,
  clusterMetrics,
  ClusterTls,
  type Coordination,
  leaseCoordination,
  readClusterTls,
  sharedAcknowledgements,
  sharedLog,
  sharedSilences,
  ClusterCoordination,
} from "@narthex/alerting";
import { family, type MetricFamily } from "@narthex/exposition";
import type { Feature, WatchedFile } from "@narthex/http";
import {
  advertisedHost,
  checkPeers,
  formatHostPort,
  isAnyHost,
  isUnroutable,
  lookUpPeers,
  Mesh,
  type MeshTls,
  randomInstance,
  randomPeerName,
  splitHostPort,
  systemLookUp,
  TcpTransport,
} from "@narthex/mesh";
import { formatDuration } from "@narthex/model";
import type { Logger } from "@narthex/runtime";
import type { Context } from "../context.ts";
import type { StateStores } from "../state/state-stores.ts";
import type { Stores } from "../state/stores.ts";
import { machineAddresses } from "./machine-addresses.ts";

type Flags = Context["flags"];

/** Interval in ms at which the names of peers are resolved again, as in Alertmanager. */
const REFRESH_MS = 15_000;
/** Number of gossip intervals between two checks of whether the cluster has settled. */
const SETTLE_POLL = 10;

export interface Cluster extends Feature {
  /** The file of `--cluster.tls-config`. Undefined if the flag is not set or the cluster is not used. */
  readonly tlsFile: WatchedFile | undefined;
  readonly coordination: Coordination;
  status(): ClusterStatus;
}

/**
 * Thrown if the cluster cannot be set up, because of invalid flags. `what` names the step that failed, in the words of
 * the original Alertmanager. The message contains the reason.
 */
export class ClusterError extends Error {
  override readonly name = "ClusterError";
  readonly what: string;

  constructor(what: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.what = what;
  }
}

/** Returns a cluster without connections to peers. */
const withoutMesh = (coordination: Coordination): Cluster => ({
  name: "cluster",
  tlsFile: undefined,
  coordination,
  status: () => ({ peers: [], status: "disabled" }),
  metrics: [() => clusterFamilies(false, { nfl: 0, sil: 0 })],
});

/**
 * Opens the cluster port and connects to the peers in the flags. Instances that share a database do not connect to each
 * other. Rejects with ClusterError.
 */
export async function openCluster(context: Context, { database }: Stores, state: StateStores): Promise<Cluster> {
  const { clock, flags, logger } = context;
  if (database !== undefined) return withoutMesh(leaseCoordination(database.leases, state.log, clock));
  try {
    if (flags["cluster.tls-config"] !== "") readClusterTls(flags["cluster.tls-config"]);
  } catch (error) {
    throw new ClusterError("unable to initialize TLS transport configuration for gossip mesh", error);
  }
  if (flags["cluster.listen-address"] === "") return withoutMesh(SINGLE_INSTANCE);
  try {
    checkTimes(flags);
    return await open({ ...context, logger: logger.child({ component: "cluster" }) }, state);
  } catch (error) {
    throw new ClusterError("unable to initialize gossip mesh", error);
  }
}

/**
 * Returns metrics about the cluster.
 * @param propagated number of messages that were forwarded for other peers, by kind of state
 */
const clusterFamilies = (
  isEnabled: boolean,
  propagated: { readonly nfl: number; readonly sil: number },
): readonly MetricFamily[] => [
  family(
    "gauge",
    "alertmanager_cluster_enabled",
    "Indicates whether the clustering is enabled or not.",
    isEnabled ? 1 : 0,
  ),
  propagatedFamily("alertmanager_silences", propagated.sil),
  propagatedFamily("alertmanager_nflog", propagated.nfl),
];

const propagatedFamily = (prefix: string, count: number): MetricFamily =>
  family(
    "counter",
    `${prefix}_gossip_messages_propagated_total`,
    "Number of received gossip messages that have been further gossiped.",
    count,
  );

const TIMES = [
  "cluster.peer-timeout",
  "cluster.peers-resolve-timeout",
  "cluster.gossip-interval",
  "cluster.pushpull-interval",
  "cluster.tcp-timeout",
  "cluster.probe-timeout",
  "cluster.probe-interval",
  "cluster.reconnect-interval",
  "cluster.reconnect-timeout",
] as const;

function checkTimes(flags: Flags): void {
  const wrong = TIMES.find((name) => flags[name] <= 0);
  if (wrong !== undefined) throw new Error(`--${wrong} must be positive when clustering is enabled`);
}

async function open({ host, clock, flags, logger, metrics: self }: Context, state: StateStores): Promise<Cluster> {
  const { silences, log, acknowledgements } = state;
  const tlsFile = flags["cluster.tls-config"];
  const tls = tlsFile === "" ? undefined : new ClusterTls(tlsFile, { clock, logger });
  const metrics = clusterMetrics(self, tls !== undefined);
  const mesh = await openMesh(flags, { clock, logger, tls, observer: metrics.observer });
  metrics.watch(mesh);
  const sharing = { clock, logger, retentionMs: flags["data.retention"] };
  mesh.share("nfl", sharedLog(log, sharing));
  mesh.share("sil", sharedSilences(silences, sharing));
  // Shares the acknowledgements with peers. Peers of an earlier version ignore them.
  mesh.share("ack", sharedAcknowledgements(acknowledgements, sharing));
  const endBroadcast = broadcastChanges({ silences, log, acknowledgements }, (key, item) => mesh.broadcast(key, item));
  const coordination = new ClusterCoordination({
    position: () => mesh.position(),
    size: () => mesh.members().length,
    peerTimeoutMs: flags["cluster.peer-timeout"],
    clock,
    logger,
  });
  const joined = mesh.join().then((problems) => {
    if (problems.length === 0 || mesh.members().length > 1) return;
    logger.warn("failed to join cluster", { err: problems.join("; ") });
    logger.info(`will retry joining cluster every ${formatDuration(flags["cluster.reconnect-interval"])}`);
  });
  const poll = SETTLE_POLL * flags["cluster.gossip-interval"];
  void joined.then(() => coordination.settle(poll, flags["cluster.settle-timeout"], host.stopping));
  return {
    name: "cluster",
    tlsFile: tls,
    coordination,
    status: () => ({ name: mesh.self.name, peers: mesh.members().map(shown), status: coordination.status }),
    metrics: [() => clusterFamilies(true, metrics.propagated)],
    async stop() {
      endBroadcast();
      await mesh.stop();
    },
  };
}

/** Returns a member of the cluster in the form of the API's response. The keys have Alertmanager's order. */
const shown = ({ name, address }: { readonly name: string; readonly address: string }) => ({ address, name });

type MeshParts = Pick<Parameters<typeof Mesh.open>[0], "clock" | "logger" | "observer"> & {
  readonly tls: MeshTls | undefined;
};

function openMesh(flags: Flags, { clock, logger, observer, tls }: MeshParts): Promise<Mesh> {
  const [bindHost, bindPort] = hostAndPort(flags["cluster.listen-address"], "invalid listen address");
  const advertise = flags["cluster.advertise-address"];
  const explicit = advertise === "" ? undefined : hostAndPort(advertise, "invalid advertise address");
  const peers = flags["cluster.peer"];
  checkPeers(peers);
  if (tls !== undefined) logger.info("using TLS for gossip");
  const transport = new TcpTransport({
    host: bindHost,
    port: bindPort,
    tls,
    clock,
    logger,
  });
  const timeoutMs = flags["cluster.peers-resolve-timeout"];
  return Mesh.open({
    name: flags["cluster.peer-name"] || randomPeerName(clock.now()),
    instance: randomInstance(),
    label: flags["cluster.label"],
    advertise: (bound) => advertisedAddress(flags, bound, explicit, logger),
    seeds: () => lookUpPeers(peers, { lookUp: systemLookUp, clock, timeoutMs }),
    transport,
    timings: {
      pushPullInterval: flags["cluster.pushpull-interval"],
      tcpTimeout: flags["cluster.tcp-timeout"],
      probeTimeout: flags["cluster.probe-timeout"],
      probeInterval: flags["cluster.probe-interval"],
      reconnectInterval: flags["cluster.reconnect-interval"],
      reconnectTimeout: flags["cluster.reconnect-timeout"],
      refreshInterval: REFRESH_MS,
    },
    clock,
    logger,
    observer,
    random: Math.random,
  });
}

function hostAndPort(address: string, what: string): readonly [host: string, port: number] {
  let host: string, port: string;
  try {
    [host, port] = splitHostPort(address);
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  }
  if (!/^[+-]?\d+$/.test(port)) {
    throw new Error(`address ${address}: invalid port: strconv.Atoi: parsing ${JSON.stringify(port)}: invalid syntax`);
  }
  if (!(Number(port) >= 0 && Number(port) <= 65_535)) throw new Error(`address ${address}: invalid port`);
  return [host, Number(port)];
}

/** Returns the address `host:port` that is sent to other peers. Throws an Error if no address is found. */
function advertisedAddress(
  flags: Flags,
  bound: { readonly host: string; readonly port: number },
  explicit: readonly [host: string, port: number] | undefined,
  logger: Logger,
): string {
  let host: string;
  try {
    host = advertisedHost({
      bindHost: bound.host,
      host: explicit?.[0] ?? "",
      allowPublic: flags["cluster.allow-insecure-public-advertise-address-discovery"],
      ...machineAddresses(),
    });
  } catch (error) {
    const reason = (error as Error).message;
    logger.warn(`couldn't deduce an advertise address: ${reason}`);
    throw new Error(
      explicit === undefined
        ? "No private IP address found, and explicit IP not provided: give --cluster.advertise-address, or run alone with --cluster.listen-address="
        : `Failed to parse advertise address ${JSON.stringify(explicit[0])}`,
      { cause: error },
    );
  }
  const port = explicit?.[1] || bound.port;
  if (isUnroutable(host) && flags["cluster.peer"].some((peer) => !isLocal(splitHostPort(peer)[0]))) {
    logger.warn("this node advertises itself on an unroutable address", { addr: host });
    logger.warn("this node will be unreachable in the cluster");
    logger.warn("provide --cluster.advertise-address as a routable IP address or hostname");
  } else if (isAnyHost(bound.host) && explicit === undefined) {
    logger.info("setting advertise address explicitly", { addr: host, port });
  }
  return formatHostPort(host, port);
}

const isLocal = (host: string): boolean => !isAnyHost(host) && isUnroutable(host);
