import { dashboardSlug, type RawTimeRange, type ResolvedTimeRange } from "@narthex/dashboards";
import { type VariableStates, withVariables } from "../page/dashboard-scope.ts";

/** What a link is to bring back. */
export interface SharedView {
  /** Empty: it is none that is kept by a uid, a snapshot for one. */
  readonly uid: string;
  readonly title: string;
  /** Where it is looked at, below the root of the pages. */
  readonly pathname: string;
  /** Of the address as it is: what else it says is kept. */
  readonly params: URLSearchParams;
  readonly raw: RawTimeRange;
  readonly range: ResolvedTimeRange;
  readonly states: VariableStates;
  /** The panel that is shown alone; undefined: the whole dashboard. */
  readonly panelKey?: string | undefined;
}

export interface ShareChoices {
  /** The times that are shown now, rather than the same distance from whenever the link is opened. */
  readonly isTimeLocked: boolean;
  /** Empty: that of the reader. */
  readonly theme: "" | "light" | "dark";
}

/** Parameters that are about this visit alone. */
const PASSING = ["inspect", "inspectTab", "alertRule", "editPanel", "viewPanel", "theme", "shareView", "print"];

function parameters(
  { params, raw, range, states }: SharedView,
  { isTimeLocked, theme }: ShareChoices,
): URLSearchParams {
  const next = withVariables(params, states);
  for (const name of [...PASSING, "time", "time.window"]) next.delete(name);
  next.set("from", isTimeLocked ? String(range.from) : raw.from);
  next.set("to", isTimeLocked ? String(range.to) : raw.to);
  if (theme !== "") next.set("theme", theme);
  return next;
}

const path = (kind: "d" | "d-solo", { uid, title }: SharedView): string => {
  const slug = dashboardSlug(title);
  return `/${kind}/${encodeURIComponent(uid)}${slug === "" ? "" : `/${slug}`}`;
};

/** The address of what is shown, below the root of the pages. */
export function linkTo(view: SharedView, choices: ShareChoices): string {
  const params = parameters(view, choices);
  if (view.panelKey !== undefined) params.set("viewPanel", view.panelKey);
  return `${view.uid === "" ? view.pathname : path("d", view)}?${params}`;
}

/** The address of what is shown, on sheets of paper: those are light. */
export function printAddress(view: SharedView): string {
  return `${linkTo(view, { isTimeLocked: true, theme: "light" })}&print=true`;
}

/** The address of a panel alone, for a frame of another page. */
export function soloAddress(view: SharedView, choices: ShareChoices): string {
  const params = parameters(view, choices);
  for (const name of ["kiosk", "_dash.hideTimePicker", "_dash.hideVariables", "_dash.hideLinks"]) params.delete(name);
  params.set("panelId", view.panelKey ?? "");
  return `${path("d-solo", view)}?${params}`;
}

/** HTML that puts a page into a frame. */
export const frameHtml = (address: string): string =>
  `<iframe src="${address.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}" width="450" height="200" frameborder="0"></iframe>`;
