import fc from "fast-check";
import { expect, test } from "vitest";
import { dataSourceKind } from "../registry.ts";
import { proxyRight, UNKNOWN_ROUTES } from "./proxy-routes.ts";

const right = (type: string, method: string, path: string) =>
  proxyRight(dataSourceKind(type)?.routes ?? UNKNOWN_ROUTES, method, path);

test.each([
  ["prometheus", "GET", "api/v1/query", "viewer"],
  ["prometheus", "POST", "api/v1/query_range", "viewer"],
  ["prometheus", "POST", "/api/v1/series", "viewer"],
  ["prometheus", "GET", "api/v1/label/job/values", "viewer"],
  ["prometheus", "GET", "api/v1/status/flags", "admin"],
  ["prometheus", "GET", "-/healthy", "admin"],
  ["prometheus", "GET", "debug/pprof/heap", "admin"],
  ["prometheus", "GET", "rules", "viewer"],
  ["prometheus", "POST", "rules/team", "editor"],
  ["prometheus", "DELETE", "config/v1/rules/team/group", "editor"],
  ["grafana-amazonprometheus-datasource", "POST", "api/v1/write", undefined],
  ["prometheus", "POST", "api/v1/otlp/v1/metrics", undefined],
  ["prometheus", "POST", "api/v1/query/../write", undefined],
  ["prometheus", "POST", "api/v1/admin/tsdb/delete_series", undefined],
  ["prometheus", "POST", "-/reload", undefined],
  ["prometheus", "DELETE", "api/v1/series", undefined],
  ["prometheus", "POST", "api/v1/narthex/queries/7/cancel", "editor"],
  ["narthex-pushgateway", "GET", "api/v1/metrics", "viewer"],
  ["narthex-pushgateway", "DELETE", "metrics/job@base64/eA==", "editor"],
  ["narthex-pushgateway", "PUT", "api/v1/admin/wipe", "admin"],
  ["narthex-pushgateway", "POST", "-/quit", "admin"],
  ["narthex-pushgateway", "POST", "api/v1/other", undefined],
  ["alertmanager", "GET", "api/v2/alerts", "viewer"],
  ["alertmanager", "POST", "api/v2/silences", "editor"],
  ["alertmanager", "DELETE", "api/v2/silence/1", "editor"],
  ["alertmanager", "POST", "-/reload", "admin"],
  ["alertmanager", "GET", "api/v1/alerts", "admin"],
  ["alertmanager", "POST", "api/v1/alerts", "admin"],
  ["alertmanager", "DELETE", "/api/v1/alerts/", "admin"],
  ["alertmanager", "GET", "api/v2/narthex/receiver-setup", "admin"],
  ["alertmanager", "PUT", "api/v2//narthex/receiver-setup/", "admin"],
  ["alertmanager", "POST", "prefix/api/v2/narthex/receiver-setup/test", "admin"],
  ["alertmanager", "POST", "api/v2/narthex/receivers/a/test", "editor"],
  ["alertmanager", "POST", "multitenant_alertmanager/delete_tenant_config", "admin"],
  ["camptocamp-prometheus-alertmanager-datasource", "POST", "alertmanager/api/v2/silences", "editor"],
  ["testdata", "GET", "x", undefined],
  ["loki", "GET", "loki/api/v1/labels", "viewer"],
  ["loki", "POST", "loki/api/v1/push", "admin"],
  ["loki", "POST", "loki/api/v1/query_range", "viewer"],
  ["loki", "POST", "loki/api/v1/rules/team", "editor"],
  ["loki", "POST", "loki/api/v1/delete", "admin"],
  ["loki", "GET", "config", "admin"],
  ["loki", "POST", "ingester/shutdown", "admin"],
  ["elasticsearch", "POST", "_msearch", "viewer"],
  ["elasticsearch", "GET", "_field_caps", "viewer"],
  ["grafana-opensearch-datasource", "GET", "_cluster/health", "viewer"],
  ["elasticsearch", "POST", "_cluster/health", "admin"],
  ["elasticsearch", "GET", "secrets/_search", "admin"],
  ["elasticsearch", "POST", "_msearch/template", "admin"],
  ["elasticsearch", "DELETE", "logs", "admin"],
  ["tempo", "GET", "api/v2/traces/4bf9", "viewer"],
  ["tempo", "GET", "api/search/tag/service.name/values", "viewer"],
  ["tempo", "GET", "flush", undefined],
  ["tempo", "GET", "api/overrides", undefined],
  ["tempo", "POST", "api/search", undefined],
  ["jaeger", "GET", "api/services/shop/operations", "viewer"],
  ["jaeger", "POST", "api/traces", undefined],
  ["jaeger", "GET", "", undefined],
  ["zipkin", "GET", "api/v2/spans", "viewer"],
  ["zipkin", "POST", "api/v2/spans", undefined],
  ["grafana-clickhouse-datasource", "GET", "", undefined],
  ["yesoreyeram-infinity-datasource", "GET", "items", undefined],
  ["influxdb", "GET", "query", undefined],
  ["mysql", "GET", "", undefined],
  ["frser-sqlite-datasource", "GET", "", undefined],
  ["another-datasource", "GET", "x", "viewer"],
  ["another-datasource", "POST", "x", "admin"],
])("for %s, %s %s requires %s", (type, method, path, expected) => expect(right(type, method, path)).toBe(expected));

test("a viewer cannot change anything, whatever the path", () => {
  const reads = new Set(["query", "query_range", "query_exemplars", "series", "labels", "format_query", "parse_query"]);
  const part = fc.constantFrom("api", "v1", "-", "rules", "write", "admin", "alerts", "", ...reads);
  const paths = fc.array(part, { maxLength: 6 }).map((parts) => parts.join("/"));
  fc.assert(
    fc.property(paths, fc.constantFrom("POST", "PUT", "DELETE", "PATCH"), (path, method) => {
      const parts = path.split("/").filter((one) => one !== "");
      const isQuestion =
        method === "POST" && parts.length === 3 && parts[0] === "api" && parts[1] === "v1" && reads.has(parts[2]!);
      expect(right("prometheus", method, path) === "viewer").toBe(isQuestion);
      expect(right("alertmanager", method, path)).not.toBe("viewer");
      expect(right("loki", method, path)).not.toBe("viewer");
      expect(right("elasticsearch", method, path)).not.toBe("viewer");
      expect(right("tempo", method, path)).toBeUndefined();
    }),
  );
});
