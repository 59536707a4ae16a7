import type { DataLink, JsonObject } from "@narthex/dashboards";
import { flagAt, objectAt, objectsAt, textAt, textsAt } from "../json-values.ts";
import { shiftOf } from "./time-shift.ts";

/** Largest number of queries for metrics, and of attributes of a link. */
const MAX_QUERIES = 50;
const MAX_TAGS = 50;

/** Attributes that select log lines if the settings name none, with the labels of Loki. */
const USUAL_TAGS: readonly Tag[] = [
  { key: "cluster", value: "" },
  { key: "hostname", value: "" },
  { key: "namespace", value: "" },
  { key: "pod", value: "" },
  { key: "service.name", value: "service_name" },
  { key: "service.namespace", value: "service_namespace" },
];
/** The query for metrics of a span that has none, as in Grafana. */
const USUAL_METRIC = "histogram_quantile(0.5, sum(rate(traces_spanmetrics_latency_bucket{$__tags}[5m])) by (le))";

/** An attribute of a span, and the label whose value it is. An empty label has the name of the attribute. */
interface Tag {
  readonly key: string;
  readonly value: string;
}

/**
 * Returns the links of each span to its log lines and metrics, as the settings of the source describe them. Throws
 * QueryFailure if a time shift is not a duration.
 */
export function spanLinksOf(jsonData: JsonObject): readonly DataLink[] {
  const logs = logsLink(
    objectAt(jsonData, "tracesToLogsV2") ?? newerSettings(objectAt(jsonData, "tracesToLogs") ?? {}),
  );
  const metrics = metricLinks(objectAt(jsonData, "tracesToMetrics") ?? {});
  return logs === undefined ? metrics : [logs, ...metrics];
}

/** Converts settings that Grafana stored before version 9.4. */
function newerSettings(settings: JsonObject): JsonObject {
  const mapped = flagAt(settings, "mapTagNamesEnabled") === true ? settings["mappedTags"] : undefined;
  return { ...settings, tags: mapped ?? textsAt(settings, "tags").map((key) => ({ key, value: "" })) };
}

function logsLink(settings: JsonObject): DataLink | undefined {
  const uid = textAt(settings, "datasourceUid");
  if (uid === "") return undefined;
  const isOwn = flagAt(settings, "customQuery") === true;
  const ids = [
    flagAt(settings, "filterByTraceID") === true ? ' |= "${__span.traceId}"' : "",
    flagAt(settings, "filterBySpanID") === true ? ' |= "${__span.spanId}"' : "",
  ];
  const query = isOwn ? textAt(settings, "query") : `{$__tags}${ids.join("")}`;
  if (query.trim() === "") return undefined;
  const tags = tagsIn(settings);
  const used = tags.length === 0 ? USUAL_TAGS : tags;
  return linkTo({ title: "Logs of this span", uid, query, tags: used, settings, shift: "0s", needsTags: !isOwn });
}

function metricLinks(settings: JsonObject): readonly DataLink[] {
  const uid = textAt(settings, "datasourceUid");
  if (uid === "") return [];
  return objectsAt(settings, "queries")
    .slice(0, MAX_QUERIES)
    .map((one) => {
      const query = textAt(one, "query") || USUAL_METRIC;
      const title = textAt(one, "name") || "Metrics of this span";
      return linkTo({ title, uid, query, tags: tagsIn(settings), settings, shift: "2m", needsTags: false });
    });
}

const tagsIn = (settings: JsonObject): readonly Tag[] =>
  objectsAt(settings, "tags")
    .slice(0, MAX_TAGS)
    .map((tag) => ({ key: textAt(tag, "key"), value: textAt(tag, "value") }))
    .filter(({ key }) => key !== "");

interface LinkSettings {
  readonly title: string;
  readonly uid: string;
  readonly query: string;
  readonly tags: readonly Tag[];
  readonly settings: JsonObject;
  /** Time by which the range is extended if the settings contain no shifts. */
  readonly shift: string;
  readonly needsTags: boolean;
}

/** Returns a link. Loki and Prometheus read the query from `expr`, other kinds read it from `query`. */
function linkTo({ title, uid, query, tags, settings, shift, needsTags }: LinkSettings): DataLink {
  const startShiftMs = shiftOf(textAt(settings, "spanStartTimeShift"), `-${shift}`);
  const endShiftMs = shiftOf(textAt(settings, "spanEndTimeShift"), shift);
  const narthexSpan = { tags, startShiftMs, endShiftMs, ...(needsTags && { needsTags }) };
  const internal = { datasourceUid: uid, datasourceName: "", query: { expr: query, query }, narthexSpan };
  return { title, url: "", targetBlank: false, oneClick: false, internal };
}
