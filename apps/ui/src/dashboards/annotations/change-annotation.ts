import type { ResolvedTimeRange } from "@narthex/dashboards";
import { callBare } from "../../api/request.ts";
import { rootPath } from "../../api/root-path.ts";

/** What somebody writes of a mark. */
export interface AnnotationWords {
  readonly text: string;
  readonly tags: readonly string[];
}

/** Where a new mark stands: a moment where its times are the same. */
export interface AnnotationSite extends ResolvedTimeRange {
  readonly dashboardUid: string;
  readonly panelId: number;
}

/** @throws {ApiError} */
export const addAnnotation = ({ dashboardUid, panelId, from, to }: AnnotationSite, words: AnnotationWords) =>
  callBare<unknown>(`${rootPath}/api/annotations`, {
    method: "POST",
    json: { dashboardUID: dashboardUid, panelId, time: from, timeEnd: to, ...words },
  });

/** @throws {ApiError} */
export const changeAnnotation = (id: number, words: AnnotationWords) =>
  callBare<unknown>(`${rootPath}/api/annotations/${id}`, { method: "PATCH", json: words });

/** @throws {ApiError} */
export const removeAnnotation = (id: number) =>
  callBare<unknown>(`${rootPath}/api/annotations/${id}`, { method: "DELETE" });
