import { family, type MetricFamily, sample } from "@narthex/exposition";
import type { SelfMetrics } from "@narthex/http";
import type { Mesh, MeshObserver, MessageType } from "@narthex/mesh";

const TYPES: readonly MessageType[] = ["full_state", "update"];
const KEYS = ["nfl", "sil"] as const;
const PING_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5];
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface ClusterMetrics {
  readonly observer: MeshObserver;
  /**
   * Number of changes that this instance received from another instance and forwarded to further instances. `nfl`
   * counts changes of the notification log, and `sil` counts changes of silences.
   */
  readonly propagated: { nfl: number; sil: number };
  /** Adds metrics that read their values from the cluster connections at each scrape. */
  watch(mesh: Mesh): void;
}

/**
 * Creates the metrics.
 * @param tls true if the instances communicate over TLS, so that TLS connections are counted too
 */
export function clusterMetrics(metrics: SelfMetrics, tls: boolean): ClusterMetrics {
  const propagated = { nfl: 0, sil: 0 };
  return {
    propagated,
    observer: {
      ...membership(metrics),
      ...messages(metrics),
      ...probes(metrics),
      ...(tls ? tlsTransport(metrics) : { connection: () => undefined, bytes: () => undefined }),
      broken: brokenConnections(metrics, tls),
      propagated(key, items) {
        if (key === "nfl" || key === "sil") propagated[key] += items;
      },
    },
    watch: (mesh) => metrics.addSource(() => readOff(mesh)),
  };
}

type Part<K extends keyof MeshObserver> = Pick<MeshObserver, K>;

function membership(metrics: SelfMetrics): Part<"conflict" | "joined" | "left" | "reconnected" | "refreshed"> {
  const counter = (name: string, help: string) => {
    const made = metrics.counter(`alertmanager_cluster_${name}`, help);
    made.inc(0);
    return made;
  };
  const joined = counter("peers_joined_total", "A counter of the number of peers that have joined.");
  const left = counter("peers_left_total", "A counter of the number of peers that have left.");
  counter("peers_update_total", "A counter of the number of peers that have updated metadata.");
  const conflicts = counter(
    "peer_name_conflicts_total",
    "Total number of times memberlist has noticed conflicting peer names",
  );
  const reconnections = counter("reconnections_total", "A counter of the number of cluster peer reconnections.");
  const failedReconnections = counter(
    "reconnections_failed_total",
    "A counter of the number of failed cluster peer reconnection attempts.",
  );
  const refreshes = counter("refresh_join_total", "A counter of the number of cluster peer joined via refresh.");
  const failedRefreshes = counter(
    "refresh_join_failed_total",
    "A counter of the number of failed cluster peer joined attempts via refresh.",
  );
  return {
    joined: () => joined.inc(),
    left: () => left.inc(),
    conflict: () => conflicts.inc(),
    reconnected: (ok) => (ok ? reconnections : failedReconnections).inc(),
    refreshed: (ok) => (ok ? refreshes : failedRefreshes).inc(),
  };
}

function messages(metrics: SelfMetrics): Part<"large" | "pruned" | "received" | "sent"> {
  const byType = (name: string, help: string) => {
    const made = metrics.counter(`alertmanager_cluster_messages_${name}`, help, ["msg_type"]);
    for (const type of TYPES) made.inc({ msg_type: type }, 0);
    return made;
  };
  const sent = byType("sent_total", "Total number of cluster messages sent.");
  const sentSize = byType("sent_size_total", "Total size of cluster messages sent.");
  const received = byType("received_total", "Total number of cluster messages received.");
  const receivedSize = byType("received_size_total", "Total size of cluster messages received.");
  const pruned = metrics.counter(
    "alertmanager_cluster_messages_pruned_total",
    "Total number of cluster messages pruned.",
  );
  pruned.inc(0);
  const large = (name: string, help: string) =>
    metrics.counter(`alertmanager_oversized_gossip_message_${name}`, help, ["key"]);
  const largeSent = large("sent_total", "Number of oversized gossip message sent.");
  const largeFailed = large("failure_total", "Number of oversized gossip message sends that failed.");
  const largeDropped = large(
    "dropped_total",
    "Number of oversized gossip messages that were dropped due to a full message queue.",
  );
  const duration = metrics.histogram(
    "alertmanager_oversize_gossip_message_duration_seconds",
    "Duration of oversized gossip message requests.",
    SECONDS,
    ["key"],
  );
  for (const key of KEYS) {
    for (const each of [largeSent, largeFailed, largeDropped]) each.inc({ key }, 0);
    duration.zero({ key });
  }
  return {
    sent(type, count, bytes) {
      sent.inc({ msg_type: type }, count);
      sentSize.inc({ msg_type: type }, bytes);
    },
    received(type, count, bytes) {
      received.inc({ msg_type: type }, count);
      receivedSize.inc({ msg_type: type }, bytes);
    },
    pruned: (changes) => pruned.inc(changes),
    large(key, outcome) {
      // Ignores all other kinds of shared state, because Alertmanager has no metrics for them.
      if (!KEYS.some((known) => known === key)) return;
      if (outcome === "dropped") largeDropped.inc({ key });
      else largeSent.inc({ key });
      if (outcome === "failed") largeFailed.inc({ key });
      else if (outcome !== "dropped") duration.observe({ key }, outcome);
    },
  };
}

function probes(metrics: SelfMetrics): Part<"answered" | "seen"> {
  const alive = metrics.counter(
    "alertmanager_cluster_alive_messages_total",
    "Total number of received alive messages.",
    ["peer"],
  );
  const pings = metrics.histogram(
    "alertmanager_cluster_pings_seconds",
    "Histogram of latencies for ping messages.",
    PING_SECONDS,
    ["peer"],
  );
  return { seen: (peer) => alive.inc({ peer }), answered: (peer, seconds) => pings.observe({ peer }, seconds) };
}

function tlsTransport(metrics: SelfMetrics): Part<"bytes" | "connection"> {
  const counter = (name: string, help: string) => {
    const made = metrics.counter(`alertmanager_tls_transport_${name}`, help);
    made.inc(0);
    return made;
  };
  const bytesOut = counter(
    "packet_bytes_sent_total",
    "The number of packet bytes sent to outgoing connections (excluding internal metadata).",
  );
  const bytesIn = counter(
    "packet_bytes_received_total",
    "The number of packet bytes received from incoming connections (excluding internal metadata).",
  );
  const streamsOut = counter("stream_connections_sent_total", "The number of stream connections sent.");
  const streamsIn = counter("stream_connections_received_total", "The number of stream connections received.");
  return {
    bytes: (direction, bytes) => (direction === "in" ? bytesIn : bytesOut).inc(bytes),
    connection: (direction) => (direction === "in" ? streamsIn : streamsOut).inc(),
  };
}

function brokenConnections(metrics: SelfMetrics, tls: boolean): () => void {
  const name = tls ? "alertmanager_tls_transport_read_errors_total" : "narthex_cluster_broken_connections_total";
  const help = tls
    ? "The number of errors encountered while reading from incoming connections."
    : "Connections on the cluster port that did not speak its protocol.";
  const made = metrics.counter(name, help);
  made.inc(0);
  return () => made.inc();
}

function readOff(mesh: Mesh): MetricFamily[] {
  const { failed, queued, health } = mesh.stats();
  const gauge = (name: string, help: string, value: number): MetricFamily => family("gauge", name, help, value);
  return [
    gauge(
      "alertmanager_cluster_members",
      "Number indicating current number of members in cluster.",
      mesh.members().length,
    ),
    gauge(
      "alertmanager_cluster_failed_peers",
      "Number indicating the current number of failed peers in the cluster.",
      failed,
    ),
    gauge(
      "alertmanager_cluster_health_score",
      "Health score of the cluster. Lower values are better and zero means 'totally healthy'.",
      health,
    ),
    gauge("alertmanager_cluster_messages_queued", "Number of cluster messages which are queued.", queued),
    gauge(
      "alertmanager_peer_position",
      "Position the Alertmanager instance believes it's in. The position determines a peer's behavior in the cluster.",
      mesh.position(),
    ),
    family("gauge", "alertmanager_cluster_peer_info", "A metric with a constant '1' value labeled by peer name.", [
      sample(1, { peer: mesh.self.name }),
    ]),
  ];
}
