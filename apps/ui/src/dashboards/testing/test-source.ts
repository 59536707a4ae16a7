import { type SourceKind, type SourceListing, unknownSourceKind } from "@narthex/dashboards";

/** Descriptions of kinds of data sources, with the properties that matter for tests of pages. */
const KINDS: readonly SourceKind[] = [
  {
    types: ["prometheus", "grafana-amazonprometheus-datasource"],
    name: "Prometheus",
    language: { valueFormat: "promql", fields: ["expr"], plainFields: ["interval"], neededField: "expr" },
    blankQuery: { expr: "" },
    leastStepMs: 15_000,
    alignsToZone: true,
    adHocFilters: { names: "label_names()", values: "label_values($name)" },
    variables: { help: "label_values(label)", refId: "PrometheusVariableQueryEditor-VariableQuery" },
    annotations: [
      { path: ["expr"], label: "Query", type: "query" },
      { path: ["step"], label: "Step", type: "duration", placeholder: "60s" },
    ],
    features: ["metrics", "rules"],
  },
  { ...unknownSourceKind("alertmanager"), name: "Alertmanager", features: ["alerts"] },
];

/** Returns a data source as the server lists it. */
export function testSource(given: Partial<SourceListing> & Pick<SourceListing, "uid">): SourceListing {
  const { type = "prometheus" } = given;
  const kind = KINDS.find(({ types }) => types.includes(type)) ?? unknownSourceKind(type);
  return { name: given.uid, type, kind, isDefault: false, timeInterval: "", ...given };
}

/** Returns the server's answer to the request for its data sources. */
export const listedSources = (sources: readonly SourceListing[]): object => ({
  sources: sources.map((source) => ({ ...source, kind: undefined })),
  kinds: [...new Set(sources.map(({ kind }) => kind))],
});
