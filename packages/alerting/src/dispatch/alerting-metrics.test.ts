import { SelfMetrics } from "@narthex/http";
import { FAILURE_REASONS } from "@narthex/notification";
import { expect, test } from "vitest";
import { storedStateMetrics } from "../stored-state-metrics.ts";
import { bucketsOf, readings } from "../testing/rig.ts";
import { alertingMetrics } from "./alerting-metrics.ts";

const P = "alertmanager_";
const OF_ALL = [
  "alerts_received_total firing v2: 0",
  "alerts_received_total resolved v2: 0",
  "alerts_invalid_total v2: 0",
  "dispatcher_alert_processing_duration_seconds_sum: 0",
  "dispatcher_alert_processing_duration_seconds_count: 0",
  "dispatcher_aggregation_group_limit_reached_total: 0",
];
const ofIntegration = (labels: string): readonly string[] => [
  `notifications_total ${labels}: 0`,
  ...FAILURE_REASONS.map((reason) => `notifications_failed_total ${labels} ${reason}: 0`),
  `notification_requests_total ${labels}: 0`,
  `notification_requests_failed_total ${labels}: 0`,
  `notification_latency_seconds_sum ${labels}: 0`,
  `notification_latency_seconds_count ${labels}: 0`,
];

test("series of every kind of integration begin with 0", async () => {
  const self = new SelfMetrics();
  const metrics = alertingMetrics(self, ["email", "webhook"]);
  metrics.show(new Map([["team", [{ kind: "webhook" }]]]));
  const expected = [...OF_ALL, ...ofIntegration("email"), ...ofIntegration("webhook")];
  expect((await readings(self, P, true)).toSorted()).toEqual(expected.toSorted());
  expect(metrics.of("email", "team")).toEqual({ integration: "email" });
  expect(await bucketsOf(self, `${P}notification_latency_seconds`)).toEqual(["1", "5", "10", "15", "20", "+Inf"]);
});

test("with names of receivers, the series of each receiver begin with 0 when its configuration is loaded", async () => {
  const self = new SelfMetrics();
  const metrics = alertingMetrics(self, ["email", "webhook"], { receiverNames: true });
  expect((await readings(self, P, true)).toSorted()).toEqual(OF_ALL.toSorted());
  metrics.show(new Map([["team", [{ kind: "webhook" }]]]));
  expect((await readings(self, P, true)).toSorted()).toEqual([...OF_ALL, ...ofIntegration("webhook team")].toSorted());
  expect(metrics.of("email", "team")).toEqual({ integration: "email", receiver_name: "team" });
});

test("durations of work on stored state are counted", async () => {
  const self = new SelfMetrics();
  const metrics = storedStateMetrics(self, "nflog", "notification log");
  metrics.observeQuery(2);
  metrics.observeCollection(3);
  expect(await readings(self, "alertmanager_nflog_", true)).toEqual([
    "query_duration_seconds_sum: 2",
    "query_duration_seconds_count: 1",
    "gc_duration_seconds_sum: 3",
    "gc_duration_seconds_count: 1",
    "snapshot_duration_seconds_sum: 0",
    "snapshot_duration_seconds_count: 0",
  ]);
  const bounds = ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"];
  expect(await bucketsOf(self, "alertmanager_nflog_query_duration_seconds")).toEqual(bounds);
});
