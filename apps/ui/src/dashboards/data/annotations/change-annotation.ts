import type { ResolvedTimeRange } from "@narthex/dashboards";
import { fetchJson } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";

export interface AnnotationInput {
  readonly text: string;
  readonly tags: readonly string[];
}

/**
 * The dashboard, panel and times of a new annotation. If both times are equal, the annotation marks a point in time.
 */
export interface NewAnnotation extends ResolvedTimeRange {
  readonly dashboardUid: string;
  readonly panelId: number;
}

/** @throws {ApiError} */
export const addAnnotation = ({ dashboardUid, panelId, from, to }: NewAnnotation, words: AnnotationInput) =>
  fetchJson<unknown>(`${rootPath}/api/annotations`, {
    method: "POST",
    json: { dashboardUID: dashboardUid, panelId, time: from, timeEnd: to, ...words },
  });

/** @throws {ApiError} */
export const changeAnnotation = (id: number, words: AnnotationInput) =>
  fetchJson<unknown>(`${rootPath}/api/annotations/${id}`, { method: "PATCH", json: words });

/** @throws {ApiError} */
export const removeAnnotation = (id: number) =>
  fetchJson<unknown>(`${rootPath}/api/annotations/${id}`, { method: "DELETE" });
