import { lazy } from "react";
import type { QueryKind } from "./query-form.ts";

/** The type under which expressions over other queries stand. */
export const EXPRESSION = "__expr__";

/**
 * How queries are written, by the type of their source. For one more: (1) a folder with its form; (2) a line here. Others are
 * written as JSON.
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

/** How queries to sources of a type are written. */
export const queryKindOf = (type: string | undefined): QueryKind => byType.get(type ?? "") ?? other;
