import type { Findings } from "../model/findings.ts";
import { listAt, type MutableJson, objectAt, objectsAt, ownValue, textAt, withoutAbsent } from "../model/json.ts";
import { sourceOfQuery } from "./query.ts";
import { classicPanels } from "./v2-layout.ts";
import { classicVariables } from "./v2-variables.ts";

/** Version of the classic schema from which Grafana's v2 form was derived. */
const CLASSIC_SCHEMA = 42;

const CURSOR_SYNC = ["Off", "Crosshair", "Tooltip"];

const KNOWN_KEYS = new Set([
  ..."annotations cursorSync description editable elements layout links liveNow preload revision tags".split(" "),
  ..."timeSettings title variables".split(" "),
]);

/** Converts a dashboard in Grafana's v2 form to classic JSON, including unknown keys. */
export function classicOfV2(spec: MutableJson, findings: Findings): MutableJson {
  const time = objectAt(spec, "timeSettings") ?? {};
  const rest = Object.fromEntries(Object.entries(spec).filter(([key]) => !KNOWN_KEYS.has(key)));
  return {
    ...rest,
    ...withoutAbsent({
      title: ownValue(spec, "title"),
      description: ownValue(spec, "description"),
      tags: listAt(spec, "tags"),
      editable: ownValue(spec, "editable"),
      liveNow: ownValue(spec, "liveNow"),
      preload: ownValue(spec, "preload"),
      links: listAt(spec, "links"),
      timezone: ownValue(time, "timezone"),
      weekStart: ownValue(time, "weekStart"),
      fiscalYearStartMonth: ownValue(time, "fiscalYearStartMonth"),
    }),
    schemaVersion: CLASSIC_SCHEMA,
    graphTooltip: Math.max(CURSOR_SYNC.indexOf(textAt(spec, "cursorSync")), 0),
    time: { from: textAt(time, "from") || "now-6h", to: textAt(time, "to") || "now" },
    refresh: textAt(time, "autoRefresh"),
    timepicker: withoutAbsent({
      refresh_intervals: ownValue(time, "autoRefreshIntervals"),
      hidden: ownValue(time, "hideTimepicker"),
      nowDelay: ownValue(time, "nowDelay"),
      quick_ranges: ownValue(time, "quickRanges"),
    }),
    annotations: { list: objectsAt(spec, "annotations").map(annotationOf) },
    templating: { list: classicVariables(objectsAt(spec, "variables"), "", findings) },
    panels: classicPanels(spec, findings),
  };
}

function annotationOf(annotation: MutableJson): MutableJson {
  const spec = objectAt(annotation, "spec") ?? {};
  const { query: _, legacyOptions, ...rest } = spec;
  const query = objectAt(spec, "query");
  const datasource = sourceOfQuery(spec);
  const inner = query === undefined ? {} : (objectAt(query, "spec") ?? {});
  return {
    ...rest,
    ...(datasource !== undefined && { datasource }),
    builtIn: spec["builtIn"] ? 1 : 0,
    ...(Object.keys(inner).length > 0 && { target: inner }),
    ...inner,
    ...(typeof legacyOptions === "object" && legacyOptions),
    name: textAt(spec, "name"),
  };
}
