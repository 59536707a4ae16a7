import type { LabelSet } from "../format/series-name.ts";

/** A link of an alert. */
export interface AlertLink {
  readonly name: "Dashboard" | "Runbook" | "What changed?";
  readonly href: string;
  /** Whether the link leads to a page of this UI on this host. */
  readonly isHere: boolean;
}

const DASHBOARD = "__dashboardUid__";
const PANEL = "__panelId__";

/** Names of annotations and labels that link an alert to a panel. Lists do not show them. */
export const INTERNAL_NAMES: readonly string[] = [DASHBOARD, PANEL];

/** How much time before and after an alert's start the linked dashboard shows, ms. */
const BEFORE_MS = 30 * 60_000;
const AFTER_MS = 30 * 60_000;
/** How much earlier than the alert its cause may be, ms. */
const CAUSE_MS = 5 * 60_000;

/** Returns the text of an annotation, or an empty text if it is an unexpanded template of the rule. */
function own(annotations: LabelSet, name: string): string {
  const text = Object.hasOwn(annotations, name) ? (annotations[name] ?? "").trim() : "";
  return text.includes("{{") ? "" : text;
}

/**
 * Returns an absolute http or https URL, or undefined. Other schemes are refused because anyone can write annotations,
 * and relative URLs because they depend on the page.
 */
export function webAddress(text: string): string | undefined {
  const address = text.trim();
  if (!/^https?:\/\//i.test(address)) return undefined;
  const protocol = URL.parse(address)?.protocol;
  return protocol === "http:" || protocol === "https:" ? address : undefined;
}

/** Returns the first web address in the named annotations. */
const addressIn = (annotations: LabelSet, ...names: readonly string[]): string | undefined =>
  names.map((name) => webAddress(own(annotations, name))).find((address) => address !== undefined);

const pathOf = (uid: string): string => `/d/${encodeURIComponent(uid.toWellFormed())}`;

/** Returns the variable values in a dashboard URL. Returns none if the URL belongs to a dashboard with another uid. */
function choicesIn(address: string | undefined, uid: string): URLSearchParams {
  const url = address === undefined ? null : URL.parse(address);
  const path = pathOf(uid);
  const params = new URLSearchParams();
  if (url === null || !`${url.pathname}/`.includes(`${path}/`)) return params;
  for (const [name, value] of url.searchParams) if (name.startsWith("var-")) params.append(name, value);
  return params;
}

/** Returns a link to a dashboard in this UI, with the time range around the alert's start. */
function pageHere(
  annotations: LabelSet,
  address: string | undefined,
  { homePath, startMs, nowMs }: AlertLinkContext,
): string | undefined {
  const uid = own(annotations, DASHBOARD);
  if (homePath === undefined || uid === "") return undefined;
  const params = choicesIn(address, uid);
  const panel = own(annotations, PANEL);
  if (/^\d{1,9}$/.test(panel)) params.set("viewPanel", `panel-${panel}`);
  if (startMs !== null) setRange(params, startMs - BEFORE_MS, endOf(startMs, nowMs));
  const query = params.toString();
  return `${homePath}${pathOf(uid)}${query === "" ? "" : `?${query}`}`;
}

function setRange(params: URLSearchParams, fromMs: number, to: string): void {
  params.set("from", String(fromMs));
  params.set("to", to);
}

const endOf = (startMs: number, nowMs: number): string =>
  startMs + AFTER_MS < nowMs ? String(startMs + AFTER_MS) : "now";

/**
 * Returns a link to the page that shows which metrics of the alert's job changed when the alert began. The page compares
 * the time range with the one before.
 */
function changesHere({ labels = {}, homePath, startMs, nowMs }: AlertLinkContext): string | undefined {
  const job = Object.hasOwn(labels, "job") ? (labels["job"] ?? "") : "";
  if (homePath === undefined || startMs === null || job === "") return undefined;
  const params = new URLSearchParams({ job });
  setRange(params, startMs - CAUSE_MS, endOf(startMs, nowMs));
  return `${homePath}/dashboard/what-changed?${params}`;
}

export interface AlertLinkContext {
  /** Labels of the alert; absent for a rule. */
  readonly labels?: LabelSet | undefined;
  /** Root path of the dashboards' pages. Undefined if these pages are not available here. */
  readonly homePath: string | undefined;
  /** Start time of the alert, epoch ms; null if unknown. */
  readonly startMs: number | null;
  readonly nowMs: number;
}

/**
 * Returns the links of an alert: to the dashboard and the runbook in its annotations, and to the changes of its job's
 * metrics.
 */
export function alertLinks(annotations: LabelSet, context: AlertLinkContext): readonly AlertLink[] {
  const links: AlertLink[] = [];
  const dashboard = addressIn(annotations, "dashboard", "dashboard_url");
  const here = pageHere(annotations, dashboard, context);
  const href = here ?? dashboard;
  if (href !== undefined) links.push({ name: "Dashboard", href, isHere: here !== undefined });
  const runbook = addressIn(annotations, "runbook_url", "runbook");
  if (runbook !== undefined) links.push({ name: "Runbook", href: runbook, isHere: false });
  const changes = changesHere(context);
  if (changes !== undefined) links.push({ name: "What changed?", href: changes, isHere: true });
  return links;
}
