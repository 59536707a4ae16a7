import {
  type AnnotationQuery,
  cssColor,
  interpolate,
  isObject,
  type JsonObject,
  type Lookup,
  type ResolvedTimeRange,
} from "@narthex/dashboards";
import { callBare } from "../../api/request.ts";
import { rootPath } from "../../api/root-path.ts";
import { filledSource, findSource, type SourceListing } from "../query/ask-panel.ts";
import type { DashboardAnnotation } from "./dashboard-annotation.ts";

/** The marks of one query. */
export interface MarkAnswer {
  readonly marks: readonly DashboardAnnotation[];
  /** A sentence on marks that are left out. */
  readonly notice?: string;
}

/** What an annotation query of a dashboard asks. */
export interface AnnotationRequest {
  /** Two of the same key differ at most in their range. */
  readonly key: string;
  readonly run: (range: ResolvedTimeRange, signal: AbortSignal) => Promise<MarkAnswer>;
}

/** Marks of one query beyond this are not asked for. */
const USUAL_LIMIT = 100;

interface Mark {
  readonly id?: number;
  /** Of a mark that was made on one panel; 0 for none. */
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

/** @throws {Error} with a sentence, where its source is not there */
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
        const found = await callBare<readonly Mark[]>(`${rootPath}/api/annotations`, {
          params: { ...params, from: Math.floor(from), to: Math.ceil(to) },
          signal,
        });
        // A mark that was made on a panel of this dashboard is shown there alone.
        const marks = marked(found, "dashboardUID" in params);
        return found.length < params.limit
          ? { marks }
          : { marks, notice: `There may be more than these ${params.limit}: its query sets a limit.` };
      },
    };
  }
  const source = findSource(query.datasource, sources, lookup);
  if (source === undefined) {
    const name = interpolate(query.datasource?.uid ?? "", lookup, "raw");
    throw new Error(`There is no data source "${name}".`);
  }
  const filled = filledAnnotation(query.source, source.type, lookup);
  return {
    key: JSON.stringify([source.uid, filled, color, filter]),
    run: async ({ from, to }, signal) => {
      const json = { datasource: { uid: source.uid }, query: filled, from: String(from), to: String(to) };
      const { annotations } = await callBare<{ annotations: readonly Mark[] }>(
        `${rootPath}/api/narthex/annotations/query`,
        { method: "POST", json, signal },
      );
      return { marks: marked(annotations) };
    },
  };
}

/**
 * The panels on which a mark stands: those that its query names or leaves out, and of them the one that it was made on.
 *
 * @param panelId 0: of none
 */
function shownOn(filter: AnnotationQuery["filter"], panelId: number): DashboardAnnotation["shownOn"] {
  if (filter === undefined && panelId === 0) return undefined;
  return ({ panel: { id } }) =>
    (panelId === 0 || id === panelId) && (filter === undefined || filter.ids.includes(id) !== filter.exclude);
}

/** Whether its marks are those that the role keeps. */
const isKept = ({ builtIn, datasource }: AnnotationQuery): boolean =>
  builtIn || datasource?.type === "grafana" || datasource?.uid === "-- Grafana --" || datasource?.uid === "grafana";

/** The marks of a dashboard, or those of all that have certain tags. */
function keptParameters({ source }: AnnotationQuery, uid: string, lookup: Lookup) {
  const target = isObject(source["target"]) ? source["target"] : source;
  const limit = typeof target["limit"] === "number" ? target["limit"] : USUAL_LIMIT;
  if (target["type"] !== "tags") return { dashboardUID: uid, limit };
  const given = Array.isArray(target["tags"]) ? target["tags"].filter((tag) => typeof tag === "string") : [];
  // A variable of several values stands for as many tags.
  const tags = given.flatMap((tag) => interpolate(tag, lookup, "pipe").split("|"));
  return { tags, limit, ...(target["matchAny"] === true ? { matchAny: "true" } : {}) };
}

function filledAnnotation(source: JsonObject, type: string, lookup: Lookup): JsonObject {
  const filled = filledSource(source, type, lookup);
  const { target } = source;
  return isObject(target) ? { ...filled, target: filledSource(target, type, lookup) } : filled;
}
