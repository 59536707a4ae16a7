import type { ResolvedTimeRange } from "@narthex/dashboards";
import { callBare } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";

/** The parts of an annotation that a user writes. */
export interface AnnotationWords {
  readonly text: string;
  readonly tags: readonly string[];
}

/**
 * The dashboard, panel and times of a new annotation. If both times are equal, the annotation marks a point in time.
 */
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
