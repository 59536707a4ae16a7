import { lazy } from "react";
import type { QueryKind } from "./query-form.ts";

/** Data source type of queries that compute expressions over the results of other queries. */
export const EXPRESSION = "__expr__";

/**
 * Query forms by data source type; other data sources have a JSON editor. To add a form, add a folder with the form and
 * a line here.
 */
const kinds: readonly QueryKind[] = [
  {
    types: ["prometheus"],
    Form: lazy(() => import("./prometheus/PrometheusForm.tsx")),
    initial: { expr: "", range: true, instant: false, legendFormat: "__auto", editorMode: "builder" },
  },
  {
    types: [EXPRESSION],
    Form: lazy(() => import("./expression/ExpressionForm.tsx")),
    initial: { type: "math", expression: "" },
  },
  {
    types: ["alertmanager"],
    Form: lazy(() => import("./alertmanager/AlertmanagerForm.tsx")),
    initial: { queryType: "alerts" },
  },
  {
    types: ["grafana-testdata-datasource", "testdata"],
    Form: lazy(() => import("./testdata/TestDataForm.tsx")),
    initial: { scenarioId: "random_walk" },
  },
];

const other: QueryKind = { types: [], Form: lazy(() => import("./other/JsonForm.tsx")), initial: {} };

const byType = new Map(kinds.flatMap((kind) => kind.types.map((type) => [type, kind] as const)));

export const queryKindOf = (type: string | undefined): QueryKind => byType.get(type ?? "") ?? other;
