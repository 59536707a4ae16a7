import { type BoundVariable, leastStep, type Panel, type SourceListing } from "@narthex/dashboards";
import { useMemo } from "react";
import type { QueryAnalysis } from "../../../api/narthex.ts";
import { call, type Params } from "../../../api/request.ts";
import { DataSourceContext } from "../../../datasource/data-source-context.ts";
import type { AnalysisTime, DataSource } from "../../../datasource/data-source.ts";
import { defaultDataSource } from "../../../datasource/registry.ts";
import { EmptyReason } from "../../../query/plan/EmptyReason.tsx";
import { useDashboardContext } from "../../data/dashboard-context.ts";
import { panelRequest } from "../../data/panel/panel-request.ts";
import { proxyUrl } from "../../data/source-proxy.ts";
import { ruleQueries } from "../alert-rule/rule-query.ts";
import { undefinedNames } from "./undefined-names.ts";

/** Range of rates in the explained query, instead of `$__rate_interval`, ms. */
const WINDOW_MS = 300_000;
/** Maximum number of times for which the query is explained. */
const MAX_STEPS = 250;

/**
 * Says why a panel has no data: a variable of its queries is not defined. For queries to Prometheus, the server can
 * explain the empty result.
 */
export default function EmptyWhy({
  panel,
  scoped,
  width,
}: {
  panel: Panel;
  scoped: ReadonlyMap<string, BoundVariable>;
  /** CSS pixels. */
  width: number;
}) {
  const context = useDashboardContext();
  const request = useMemo(() => panelRequest(panel, scoped, width, context), [panel, scoped, width, context]);
  const missing = undefinedNames(
    panel,
    (name) => context.states.has(name) || request.lookup(name, undefined) !== undefined,
  );
  if (missing.length > 0)
    return (
      <span>
        {missing.map((name) => `$${name}`).join(", ")} {missing.length === 1 ? "is" : "are"} not defined. Add a variable
        of this name to the dashboard, or change the query.
      </span>
    );
  const [query] = ruleQueries(request, WINDOW_MS);
  const source = request.sources.find(({ uid }) => uid === query?.datasource.uid);
  const { range } = request.time;
  if (query === undefined || source === undefined || range === undefined) return null;
  const expr = String(query.source["expr"]);
  const step = Math.max(leastStep(source), (range.to - range.from) / MAX_STEPS);
  const at: AnalysisTime =
    query.source["instant"] === true
      ? { time: range.to / 1000 }
      : { start: range.from / 1000, end: range.to / 1000, step: Math.ceil(step / 1000) };
  return (
    <DataSourceContext value={explainingSource(source)}>
      <div style={{ textAlign: "start" }}>
        <EmptyReason expr={expr} at={at} queryKey={["empty panel", source.uid]} />
      </div>
    </DataSourceContext>
  );
}

/** Returns a data source that explains queries through this server's proxy. */
const explainingSource = ({ uid, name }: SourceListing): DataSource => ({
  ...defaultDataSource,
  id: uid,
  name,
  capabilities: {
    language: "promql",
    analyze: (query, at, signal) => {
      const params: Params = { query, ...at, analyze: "true" };
      const url = `${proxyUrl(uid)}/api/v1/narthex/explain`;
      return call<QueryAnalysis>(url, signal === undefined ? { params } : { params, signal });
    },
  },
});
