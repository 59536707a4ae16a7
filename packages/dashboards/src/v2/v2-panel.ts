import type { Findings } from "../model/findings.ts";
import {
  isSameJson,
  listAt,
  type MutableJson,
  objectAt,
  objectsAt,
  ownValue,
  textAt,
  withoutAbsent,
} from "../model/json.ts";
import { sourceOfQuery } from "./query.ts";

/** Converts a panel in `spec.elements` of Grafana's v2 form to classic JSON, without its position. */
export function panelOfElement(element: MutableJson, name: string, findings: Findings): MutableJson | undefined {
  const spec = objectAt(element, "spec") ?? {};
  if (element["kind"] === "LibraryPanel")
    return {
      id: spec["id"],
      title: textAt(spec, "title"),
      type: "library-panel-ref",
      libraryPanel: ownValue(spec, "libraryPanel"),
    };
  if (element["kind"] !== "Panel") {
    findings.problem(`elements.${name}`, "This element is neither a panel nor a library panel; it is left out.");
    return undefined;
  }
  const viz = objectAt(spec, "vizConfig") ?? {};
  const vizSpec = objectAt(viz, "spec") ?? {};
  const kind = textAt(viz, "kind");
  const data = objectAt(objectAt(spec, "data") ?? {}, "spec") ?? {};
  const targets = objectsAt(data, "queries").map(targetOf);
  const datasource = sourceOfPanel(targets);
  return withoutAbsent({
    id: spec["id"],
    // In early versions, the kind is the type of the panel. Some files of later versions have no kind.
    type: kind === "VizConfig" || kind === "" ? textAt(viz, "group") : kind,
    title: textAt(spec, "title"),
    description: ownValue(spec, "description"),
    transparent: ownValue(spec, "transparent"),
    pluginVersion: textAt(viz, "version") || textAt(vizSpec, "pluginVersion") || undefined,
    datasource,
    targets,
    transformations: objectsAt(data, "transformations").map(transformationOf),
    fieldConfig: objectAt(vizSpec, "fieldConfig") ?? { defaults: {}, overrides: [] },
    options: objectAt(vizSpec, "options") ?? {},
    links: listAt(spec, "links"),
    ...queryOptions(objectAt(data, "queryOptions") ?? {}),
  });
}

function queryOptions(options: MutableJson): MutableJson {
  const { queryCachingTTL, ...rest } = options;
  return { ...rest, ...(queryCachingTTL !== undefined && { queryCachingTTL }) };
}

function targetOf(query: MutableJson): MutableJson {
  const spec = objectAt(query, "spec") ?? {};
  const datasource = sourceOfQuery(spec);
  return {
    ...objectAt(objectAt(spec, "query") ?? {}, "spec"),
    refId: textAt(spec, "refId"),
    ...(spec["hidden"] === true && { hide: true }),
    ...(datasource !== undefined && { datasource }),
  };
}

/**
 * Returns the data source that all queries of a panel use. If the queries use different data sources, returns Grafana's
 * special data source `-- Mixed --`.
 */
function sourceOfPanel(targets: readonly MutableJson[]): unknown {
  const [first, ...others] = targets.map((target) => target["datasource"]);
  if (first === undefined && others.every((each) => each === undefined)) return undefined;
  return others.every((each) => isSameJson(each, first)) ? first : { type: "datasource", uid: "-- Mixed --" };
}

/**
 * Converts a transformation. In early versions, `kind` is the id of the transformation. In later versions, `kind` is
 * `Transformation` and `group` is the id.
 */
function transformationOf(transformation: MutableJson): MutableJson {
  const spec = objectAt(transformation, "spec") ?? {};
  const kind = textAt(transformation, "kind");
  const id = textAt(transformation, "group") || textAt(spec, "id") || (kind === "Transformation" ? "" : kind);
  return withoutAbsent({
    id,
    options: objectAt(spec, "options") ?? {},
    disabled: spec["disabled"] === true ? true : undefined,
    filter: ownValue(spec, "filter"),
    topic: ownValue(spec, "topic"),
  });
}
