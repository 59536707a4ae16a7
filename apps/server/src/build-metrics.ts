import { family, type MetricFamily, sample } from "@narthex/exposition";
import type { BuildInfo } from "@narthex/runtime";
import type { Notifications } from "./notifications.ts";

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/** Build, readiness and notification metrics. */
export function buildMetrics(
  program: string,
  build: BuildInfo,
  ready: () => boolean,
  notifications: Notifications,
): () => readonly MetricFamily[] {
  const labels = {
    branch: build.branch,
    goarch: ARCHITECTURES[process.arch] ?? process.arch,
    goos: process.platform,
    goversion: build.goVersion,
    revision: build.revision,
    tags: "unknown",
    version: build.version,
  };
  return () => [
    family(
      "gauge",
      `${program}_build_info`,
      "A constant 1, labeled with the build's version, revision, branch and runtime.",
      [sample(1, labels)],
    ),
    family("gauge", `${program}_ready`, "Whether the server is ready to answer: 1 or 0.", ready() ? 1 : 0),
    family(
      "gauge",
      "prometheus_api_notification_active_subscribers",
      "Clients that receive live notifications.",
      notifications.listeners,
    ),
    family(
      "counter",
      "prometheus_api_notification_updates_sent_total",
      "Notifications sent to clients.",
      notifications.sent,
    ),
    family(
      "counter",
      "prometheus_api_notification_updates_dropped_total",
      "Notifications not sent because a client was slow.",
      notifications.dropped,
    ),
  ];
}
