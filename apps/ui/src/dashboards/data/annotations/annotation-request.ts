import {
  type AnnotationQuery,
  cssColor,
  filledQuery,
  findSource,
  interpolate,
  isObject,
  type JsonObject,
  type Lookup,
  type ResolvedTimeRange,
  type SourceKind,
  type SourceListing,
} from "@narthex/dashboards";
import { fetchJson } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";
import type { DashboardAnnotation } from "../../contracts/dashboard-annotation.ts";

export interface MarkAnswer {
  readonly marks: readonly DashboardAnnotation[];
  /** Message for the user that some marks on the time axis are missing, with the reason. */
  readonly notice?: string;
}

/** The request of a dashboard's annotation query. */
export interface AnnotationRequest {
  /** Key of the request. Two requests with the same key differ only in their time ranges. */
  readonly key: string;
  readonly run: (range: ResolvedTimeRange, signal: AbortSignal) => Promise<MarkAnswer>;
}

/** Default maximum number of marks that a query returns. */
const USUAL_LIMIT = 100;

interface Mark {
  readonly id?: number;
  /** Id of the panel on which the annotation was created; 0 for none. */
  readonly panelId?: number;
  readonly time: number;
  readonly timeEnd?: number;
  readonly title?: string;
  readonly text?: string;
  readonly tags?: readonly string[];
}

interface Surround {
  readonly uid: string;
  readonly sources: readonly SourceListing[];
  readonly lookup: Lookup;
  readonly scheme: "light" | "dark";
}

/** @throws {Error} with a readable message if the data source does not exist */
export function annotationRequest(
  query: AnnotationQuery,
  { uid, sources, lookup, scheme }: Surround,
): AnnotationRequest {
  const color = cssColor(query.iconColor === "" ? "red" : query.iconColor, scheme);
  const { filter } = query;
  const marked = (marks: readonly Mark[], isOfPanels = false): readonly DashboardAnnotation[] =>
    marks.map(({ id, panelId = 0, time, timeEnd, title = "", text = "", tags = [] }) => ({
      time,
      ...(timeEnd === undefined || timeEnd <= time ? {} : { timeEnd }),
      title,
      text,
      tags,
      color,
      ...(id === undefined ? {} : { id }),
      shownOn: shownOn(filter, isOfPanels ? panelId : 0),
    }));
  if (isKept(query)) {
    const params = keptParameters(query, uid, lookup);
    return {
      key: JSON.stringify([params, color, filter]),
      run: async ({ from, to }, signal) => {
        const found = await fetchJson<readonly Mark[]>(`${rootPath}/api/annotations`, {
          params: { ...params, from: Math.floor(from), to: Math.ceil(to) },
          signal,
        });
        // If the request has a dashboard's uid, a mark that was created on a panel is shown only on that panel.
        const marks = marked(found, "dashboardUID" in params);
        return found.length < params.limit
          ? { marks }
          : { marks, notice: `There may be more than these ${params.limit} marks: the query sets this limit.` };
      },
    };
  }
  const source = findSource(query.datasource, sources, lookup);
  if (source === undefined) {
    const name = interpolate(query.datasource?.uid ?? "", lookup, "raw");
    throw new Error(`There is no data source "${name}".`);
  }
  const filled = filledAnnotation(query.source, source.kind, lookup);
  return {
    key: JSON.stringify([source.uid, filled, color, filter]),
    run: async ({ from, to }, signal) => {
      const json = { datasource: { uid: source.uid }, query: filled, from: String(from), to: String(to) };
      const { annotations } = await fetchJson<{ annotations: readonly Mark[] }>(
        `${rootPath}/api/narthex/annotations/query`,
        { method: "POST", json, signal },
      );
      return { marks: marked(annotations) };
    },
  };
}

/**
 * Returns a function that reports whether a panel shows an annotation; undefined if all panels do. The query's filter
 * includes or excludes panels. A mark that was created on a panel is shown only on that panel.
 * @param panelId id of the panel on which the mark was created; 0 for none
 */
function shownOn(filter: AnnotationQuery["filter"], panelId: number): DashboardAnnotation["shownOn"] {
  if (filter === undefined && panelId === 0) return undefined;
  return ({ panel: { id } }) =>
    (panelId === 0 || id === panelId) && (filter === undefined || filter.ids.includes(id) !== filter.exclude);
}

/** Reports whether a query requests annotations that are stored on this server. */
const isKept = ({ builtIn, datasource }: AnnotationQuery): boolean =>
  builtIn || datasource?.type === "grafana" || datasource?.uid === "-- Grafana --" || datasource?.uid === "grafana";

/**
 * Returns the request parameters for the stored annotations of a dashboard, or for all stored annotations with certain
 * tags.
 */
function keptParameters({ source }: AnnotationQuery, uid: string, lookup: Lookup) {
  const target = isObject(source["target"]) ? source["target"] : source;
  const limit = typeof target["limit"] === "number" ? target["limit"] : USUAL_LIMIT;
  if (target["type"] !== "tags") return { dashboardUID: uid, limit };
  const given = Array.isArray(target["tags"]) ? target["tags"].filter((tag) => typeof tag === "string") : [];
  // A variable with several values is expanded to several tags.
  const tags = given.flatMap((tag) => interpolate(tag, lookup, "pipe").split("|"));
  return { tags, limit, ...(target["matchAny"] === true ? { matchAny: "true" } : {}) };
}

function filledAnnotation({ target, ...source }: JsonObject, kind: SourceKind, lookup: Lookup): JsonObject {
  const filled = filledQuery(source, kind, lookup);
  return isObject(target) ? { ...filled, target: filledQuery(target, kind, lookup) } : filled;
}
