import { panelKey, parseInterval, type ResolvedTimeRange, withParameters } from "@narthex/dashboards";
import type { Params } from "../../../api/request.ts";
import type { AnnotationListOptions } from "./options.ts";

export interface KeptAnnotation {
  readonly id: number;
  /** Uid of the annotation's dashboard; empty if the annotation belongs to no dashboard. */
  readonly dashboardUID: string;
  /** Id of the panel on which the annotation was created; 0 if it belongs to the whole dashboard. */
  readonly panelId: number;
  readonly userId: number;
  readonly login: string;
  /** Start and end, epoch ms. Both times are equal if the annotation marks a point in time. */
  readonly time: number;
  readonly timeEnd: number;
  readonly text: string;
  readonly tags: readonly string[];
}

export interface ListChoice {
  readonly tags: readonly string[];
  readonly user: Pick<KeptAnnotation, "userId" | "login"> | undefined;
}

interface ListContext {
  readonly uid: string;
  readonly range: ResolvedTimeRange;
  readonly fill: (text: string) => string;
}

/** Returns the parameters of the request for the listed annotations. */
export function annotationParams(
  { isOfDashboard, isInRange, tags, limit }: AnnotationListOptions,
  chosen: ListChoice,
  { uid, range, fill }: ListContext,
): Params {
  return {
    type: "annotation",
    limit: Math.floor(limit),
    tags: [...new Set([...tags.map(fill), ...chosen.tags])],
    userId: chosen.user?.userId,
    dashboardUID: isOfDashboard ? uid : undefined,
    ...(isInRange ? { from: Math.floor(range.from), to: Math.ceil(range.to) } : {}),
  };
}

/** Time in ms that a linked page shows before and after the annotation, if the options contain no valid duration. */
const USUAL_MARGIN_MS = 600_000;

/**
 * Returns the address to which an annotation in the list links: its dashboard or panel, with a time range around the
 * annotation.
 * @param here uid and address of the open dashboard, to which annotations without a dashboard lead
 */
export function addressOfMark(
  { dashboardUID, panelId, time, timeEnd }: KeptAnnotation,
  { leadsToPanel, before, after }: AnnotationListOptions,
  here: { readonly uid: string; readonly address: string },
): string {
  const isHere = dashboardUID === "" || dashboardUID === here.uid;
  const from = Math.floor(time - (parseInterval(before) ?? USUAL_MARGIN_MS));
  const to = Math.ceil(Math.max(time, timeEnd) + (parseInterval(after) ?? USUAL_MARGIN_MS));
  return withParameters(isHere ? here.address : `/d/${encodeURIComponent(dashboardUID)}`, [
    ["from", [String(from)]],
    ["to", [String(to)]],
    ["viewPanel", leadsToPanel && panelId > 0 && dashboardUID !== "" ? [panelKey(panelId)] : []],
  ]);
}

/** Returns a text without its HTML tags. */
export function plainText(text: string): string {
  if (!text.includes("<") && !text.includes("&")) return text;
  // `DOMParser` creates a document that runs no scripts and loads nothing.
  return new DOMParser().parseFromString(text, "text/html").body.textContent ?? "";
}
