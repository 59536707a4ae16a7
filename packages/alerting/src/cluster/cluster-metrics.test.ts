import { SelfMetrics } from "@narthex/http";
import type { Mesh } from "@narthex/mesh";
import { expect, test } from "vitest";
import { bucketsOf, readings } from "../testing/rig.ts";
import { clusterMetrics } from "./cluster-metrics.ts";

const NAMES = [
  "cluster_messages_pruned_total",
  "cluster_messages_received_size_total full_state",
  "cluster_messages_received_size_total update",
  "cluster_messages_received_total full_state",
  "cluster_messages_received_total update",
  "cluster_messages_sent_size_total full_state",
  "cluster_messages_sent_size_total update",
  "cluster_messages_sent_total full_state",
  "cluster_messages_sent_total update",
  "cluster_peer_name_conflicts_total",
  "cluster_peers_joined_total",
  "cluster_peers_left_total",
  "cluster_peers_update_total",
  "cluster_reconnections_failed_total",
  "cluster_reconnections_total",
  "cluster_refresh_join_failed_total",
  "cluster_refresh_join_total",
  "oversize_gossip_message_duration_seconds_count nfl",
  "oversize_gossip_message_duration_seconds_count sil",
  "oversize_gossip_message_duration_seconds_sum nfl",
  "oversize_gossip_message_duration_seconds_sum sil",
  "oversized_gossip_message_dropped_total nfl",
  "oversized_gossip_message_dropped_total sil",
  "oversized_gossip_message_failure_total nfl",
  "oversized_gossip_message_failure_total sil",
  "oversized_gossip_message_sent_total nfl",
  "oversized_gossip_message_sent_total sil",
];
const OF_TLS = [
  "tls_transport_packet_bytes_received_total",
  "tls_transport_packet_bytes_sent_total",
  "tls_transport_read_errors_total",
  "tls_transport_stream_connections_received_total",
  "tls_transport_stream_connections_sent_total",
];

test.each([
  [false, NAMES],
  [true, [...NAMES, ...OF_TLS]],
])("metrics of a cluster begin with 0 (over TLS: %s)", async (tls, names) => {
  const self = new SelfMetrics();
  clusterMetrics(self, tls);
  expect((await readings(self, "alertmanager_", true)).toSorted()).toEqual(names.map((name) => `${name}: 0`));
});

test("each event of the cluster is counted under its own name", async () => {
  const self = new SelfMetrics();
  const { observer, propagated } = clusterMetrics(self, true);
  const counts: readonly (readonly [run: () => void, ...lines: string[]])[] = [
    [() => observer.joined(), "cluster_peers_joined_total: 1"],
    [() => observer.left(), "cluster_peers_left_total: 1"],
    [() => observer.conflict(), "cluster_peer_name_conflicts_total: 1"],
    [() => observer.reconnected(true), "cluster_reconnections_total: 1"],
    [() => observer.reconnected(false), "cluster_reconnections_failed_total: 1"],
    [() => observer.refreshed(true), "cluster_refresh_join_total: 1"],
    [() => observer.refreshed(false), "cluster_refresh_join_failed_total: 1"],
    [
      () => observer.sent("update", 2, 30),
      "cluster_messages_sent_total update: 2",
      "cluster_messages_sent_size_total update: 30",
    ],
    [
      () => observer.received("full_state", 4, 50),
      "cluster_messages_received_total full_state: 4",
      "cluster_messages_received_size_total full_state: 50",
    ],
    [() => observer.pruned(6), "cluster_messages_pruned_total: 6"],
    [() => observer.large("sil", "dropped"), "oversized_gossip_message_dropped_total sil: 1"],
    [
      () => observer.large("sil", "failed"),
      "oversized_gossip_message_sent_total sil: 1",
      "oversized_gossip_message_failure_total sil: 1",
    ],
    [
      () => observer.large("nfl", 0.5),
      "oversized_gossip_message_sent_total nfl: 1",
      "oversize_gossip_message_duration_seconds_count nfl: 1",
      "oversize_gossip_message_duration_seconds_sum nfl: 0.5",
    ],
    [() => observer.seen("a"), "cluster_alive_messages_total a: 1"],
    [() => observer.answered("a", 0.25), "cluster_pings_seconds_count a: 1", "cluster_pings_seconds_sum a: 0.25"],
    [() => observer.bytes("in", 7), "tls_transport_packet_bytes_received_total: 7"],
    [() => observer.bytes("out", 8), "tls_transport_packet_bytes_sent_total: 8"],
    [() => observer.connection("in"), "tls_transport_stream_connections_received_total: 1"],
    [() => observer.connection("out"), "tls_transport_stream_connections_sent_total: 1"],
    [() => observer.broken(), "tls_transport_read_errors_total: 1"],
  ];
  const expected: string[] = [];
  for (const [run, ...lines] of counts) {
    run();
    expected.push(...lines);
    expect((await readings(self, "alertmanager_")).toSorted()).toEqual(expected.toSorted());
  }
  observer.propagated("nfl", 2);
  observer.propagated("sil", 3);
  observer.propagated("other", 4);
  expect(propagated).toEqual({ nfl: 2, sil: 3 });
  const short = ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5"];
  expect(await bucketsOf(self, "alertmanager_cluster_pings_seconds")).toEqual([...short, "+Inf"]);
  const long = [...short, "1", "2.5", "5", "10", "+Inf"];
  expect(await bucketsOf(self, "alertmanager_oversize_gossip_message_duration_seconds")).toEqual(long);
});

test("the state of the cluster is read at each scrape, and broken connections without TLS are counted under a name that Alertmanager does not have", async () => {
  const self = new SelfMetrics({ showOurs: true });
  const metrics = clusterMetrics(self, false);
  const { observer } = metrics;
  const stats = { failed: 2, queued: 3, health: 4 };
  metrics.watch({
    stats: () => stats,
    members: () => [1, 2, 3, 4, 5],
    position: () => 6,
    self: { name: "me" },
  } as unknown as Mesh);
  observer.broken();
  observer.bytes("in", 1);
  observer.connection("in");
  expect(await readings(self, "narthex_cluster_")).toEqual(["broken_connections_total: 1"]);
  expect(await readings(self, "alertmanager_")).toEqual([
    "cluster_members: 5",
    "cluster_failed_peers: 2",
    "cluster_health_score: 4",
    "cluster_messages_queued: 3",
    "peer_position: 6",
    "cluster_peer_info me: 1",
  ]);
});
