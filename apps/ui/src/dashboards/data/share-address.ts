import {
  dashboardSlug,
  type RawTimeRange,
  type ResolvedTimeRange,
  type VariableStates,
  withVariables,
} from "@narthex/dashboards";

/** The page that a shared link opens. */
export interface SharedView {
  /** Uid of the dashboard; empty if it has none, for example in a snapshot. */
  readonly uid: string;
  readonly title: string;
  /** Path of the current page, relative to the root of the pages. */
  readonly pathname: string;
  /** Parameters of the current URL. The link keeps them, except for those that it sets itself. */
  readonly params: URLSearchParams;
  readonly raw: RawTimeRange;
  readonly range: ResolvedTimeRange;
  readonly states: VariableStates;
  /** Key of the panel that is shown alone; undefined for the whole dashboard. */
  readonly panelKey?: string | undefined;
}

export interface ShareChoices {
  /**
   * Whether the link contains the current absolute times. Otherwise the link contains the range as the user selected
   * it, which may be relative to now.
   */
  readonly isTimeLocked: boolean;
  /** Theme of the shared page. Empty means the theme of the person who opens it. */
  readonly theme: "" | "light" | "dark";
}

/** URL parameters that are not shared, because they are the state of the current user's page. */
const EXCLUDED = ["inspect", "inspectTab", "alertRule", "editPanel", "viewPanel", "theme", "shareView", "print"];

function parameters(
  { params, raw, range, states }: SharedView,
  { isTimeLocked, theme }: ShareChoices,
): URLSearchParams {
  const next = withVariables(params, states);
  for (const name of [...EXCLUDED, "time", "time.window"]) next.delete(name);
  next.set("from", isTimeLocked ? String(range.from) : raw.from);
  next.set("to", isTimeLocked ? String(range.to) : raw.to);
  if (theme !== "") next.set("theme", theme);
  return next;
}

const path = (kind: "d" | "d-solo", { uid, title }: SharedView): string => {
  const slug = dashboardSlug(title);
  return `/${kind}/${encodeURIComponent(uid)}${slug === "" ? "" : `/${slug}`}`;
};

/** Returns the address of the shared page, relative to the root of the pages. */
export function linkTo(view: SharedView, choices: ShareChoices): string {
  const params = parameters(view, choices);
  if (view.panelKey !== undefined) params.set("viewPanel", view.panelKey);
  return `${view.uid === "" ? view.pathname : path("d", view)}?${params}`;
}

/** Returns the address of the page for printing, which uses the light theme. */
export function printAddress(view: SharedView): string {
  return `${linkTo(view, { isTimeLocked: true, theme: "light" })}&print=true`;
}

/** Returns the address of the dashboard as a picture, with the selected times and the light theme. */
export const pictureAddress = (view: SharedView): string =>
  `/render/d/${encodeURIComponent(view.uid)}?${parameters(view, { isTimeLocked: false, theme: "light" })}`;

/** Returns the address of the form for a new report of the dashboard. */
export function reportAddress(view: SharedView): string {
  const params = parameters(view, { isTimeLocked: false, theme: "" });
  params.set("dashboard", view.uid);
  params.set("name", view.title);
  return `/reports/new?${params}`;
}

/** Returns the address of a single panel for embedding. */
export function soloAddress(view: SharedView, choices: ShareChoices): string {
  const params = parameters(view, choices);
  for (const name of ["kiosk", "_dash.hideTimePicker", "_dash.hideVariables", "_dash.hideLinks"]) params.delete(name);
  params.set("panelId", view.panelKey ?? "");
  return `${path("d-solo", view)}?${params}`;
}

/** Returns the HTML of an iframe that shows the page at an address. */
export const frameHtml = (address: string): string =>
  `<iframe src="${address.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}" width="450" height="200" frameborder="0"></iframe>`;
