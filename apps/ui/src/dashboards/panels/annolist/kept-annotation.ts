import { panelKey, parseInterval, type ResolvedTimeRange, withParameters } from "@narthex/dashboards";
import type { Params } from "../../../api/request.ts";
import type { AnnotationListOptions } from "./options.ts";

/** A mark as the role keeps it. */
export interface KeptAnnotation {
  readonly id: number;
  /** Empty where it stands on no dashboard. */
  readonly dashboardUID: string;
  /** 0 where it is the whole dashboard's. */
  readonly panelId: number;
  readonly userId: number;
  readonly login: string;
  /** Epoch ms; the same for a moment. */
  readonly time: number;
  readonly timeEnd: number;
  readonly text: string;
  readonly tags: readonly string[];
}

/** What a reader of the list has chosen of it. */
export interface ListChoice {
  readonly tags: readonly string[];
  readonly user: Pick<KeptAnnotation, "userId" | "login"> | undefined;
}

interface Around {
  readonly uid: string;
  readonly range: ResolvedTimeRange;
  /** Fills variables in. */
  readonly fill: (text: string) => string;
}

/** What the role is asked for. */
export function annotationParams(
  { isOfDashboard, isInRange, tags, limit }: AnnotationListOptions,
  chosen: ListChoice,
  { uid, range, fill }: Around,
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

/** Around a mark where the options say no time that can be read. */
const USUAL_MARGIN_MS = 600_000;

/**
 * Where a mark leads: to its dashboard or panel, at its time with some time before and after.
 *
 * @param here the address of the open dashboard, whose uid it also is that marks of no dashboard lead to
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

/** The words of a text that may hold HTML. */
export function wordsOf(text: string): string {
  if (!text.includes("<") && !text.includes("&")) return text;
  // The parser's own document runs no scripts and loads nothing.
  return new DOMParser().parseFromString(text, "text/html").body.textContent ?? "";
}
