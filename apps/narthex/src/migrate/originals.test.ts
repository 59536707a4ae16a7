import { expect, test } from "vitest";
import { SERVICE_ROLES } from "../service/roles.ts";
import { ORIGINALS, originalOfImage, originalOfProgram } from "./originals.ts";

test.each([
  ["prom/prometheus", "server"],
  ["prom/prometheus:v2.53.0", "server"],
  ["docker.io/prom/prometheus@sha256:0123", "server"],
  ["quay.io/prometheus/alertmanager:v0.27.0", "alertmanager"],
  ["registry.example.com:5000/mirror/prom/pushgateway", "pushgateway"],
  ["prom/node-exporter:latest", "node-exporter"],
  ["grafana/grafana-oss:11.1.0", "dashboards"],
  ["grafana/grafana-enterprise", "dashboards"],
  ["gcr.io/cadvisor/cadvisor:v0.49.1", "cadvisor"],
  ["ghcr.io/google/cadvisor", "cadvisor"],
  ["prom/blackbox-exporter", undefined],
  ["grafana/loki", undefined],
  ["myprom/prometheus-proxy", undefined],
  ["notprom/prometheus", undefined],
])("originalOfImage(%s) is that of %s", (image, role) => {
  expect(originalOfImage(image)?.role).toBe(role);
});

test.each([
  ["/usr/bin/prometheus-node-exporter", "node-exporter"],
  ["./prometheus", "server"],
  ["/usr/share/grafana/bin/grafana", "dashboards"],
  ["/usr/bin/promtool", undefined],
])("originalOfProgram(%s) is that of %s", (path, role) => {
  expect(originalOfProgram(path)?.role).toBe(role);
});

test("each original has a role that can be a service, and each flag that replaces a flag of earlier versions is a flag of that role", () => {
  for (const { role, table, former = {}, data } of ORIGINALS) {
    expect(SERVICE_ROLES.map((one) => one.role)).toContain(role);
    const now = Object.values(former).flatMap((change) => ("now" in change ? [change.now] : []));
    for (const name of [...now, ...Object.keys(data)]) expect(Object.keys(table)).toContain(name);
  }
});
