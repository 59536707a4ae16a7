import type { MonitorKind } from "./monitor.ts";
import { podMonitor } from "./pod-monitor.ts";
import { probe } from "./probe.ts";
import { prometheusRule } from "./prometheus-rule.ts";
import type { MonitorKindName } from "./section.ts";
import { serviceMonitor } from "./service-monitor.ts";

/**
 * The kinds of monitors. To add one: (1) a file next to `pod-monitor.ts`, the shortest; (2) its name in MONITOR_KINDS
 * of `section.ts` and a line here; (3) a test, a rule of the component in deploy/kubernetes, and a row in
 * docs/kubernetes-monitors.md.
 */
export const monitorKinds: Readonly<Record<MonitorKindName, MonitorKind>> = {
  ServiceMonitor: serviceMonitor,
  PodMonitor: podMonitor,
  Probe: probe,
  PrometheusRule: prometheusRule,
};
