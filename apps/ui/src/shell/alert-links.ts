import type { LabelSet } from "../format/series-name.ts";

/** A place that an alert leads to. */
export interface AlertLink {
  readonly name: "Dashboard" | "Runbook";
  readonly href: string;
  /** Whether it is on this host, among the pages that are shown here. */
  readonly isHere: boolean;
}

/** What is shown before an alert began, and after. */
const BEFORE_MS = 30 * 60_000;
const AFTER_MS = 30 * 60_000;

/** A text of an annotation; none where it is a rule's template still. */
function own(annotations: LabelSet, name: string): string {
  const text = Object.hasOwn(annotations, name) ? (annotations[name] ?? "").trim() : "";
  return text.includes("{{") ? "" : text;
}

/**
 * An address of the web; undefined for what is none. Texts of alerts come from strangers: no other scheme than http and https
 * becomes a link, nor what is relative, which means another place on each page.
 */
export function webAddress(text: string): string | undefined {
  const address = text.trim();
  if (!/^https?:\/\//i.test(address)) return undefined;
  const protocol = URL.parse(address)?.protocol;
  return protocol === "http:" || protocol === "https:" ? address : undefined;
}

/** The first of several annotations that is an address. */
const addressIn = (annotations: LabelSet, ...names: readonly string[]): string | undefined =>
  names.map((name) => webAddress(own(annotations, name))).find((address) => address !== undefined);

const pathOf = (uid: string): string => `/d/${encodeURIComponent(uid.toWellFormed())}`;

/** Choices of a dashboard's variables that an address holds, where it is one of that dashboard. */
function choicesIn(address: string | undefined, uid: string): URLSearchParams {
  const url = address === undefined ? null : URL.parse(address);
  const path = pathOf(uid);
  const params = new URLSearchParams();
  if (url === null || !`${url.pathname}/`.includes(`${path}/`)) return params;
  for (const [name, value] of url.searchParams) if (name.startsWith("var-")) params.append(name, value);
  return params;
}

/** The dashboard's page among those that are shown here, over the time around the alert's start. */
function pageHere(
  annotations: LabelSet,
  address: string | undefined,
  { homePath, startMs, nowMs }: AlertPlace,
): string | undefined {
  const uid = own(annotations, "__dashboardUid__");
  if (homePath === undefined || uid === "") return undefined;
  const params = choicesIn(address, uid);
  const panel = own(annotations, "__panelId__");
  if (/^\d{1,9}$/.test(panel)) params.set("viewPanel", `panel-${panel}`);
  if (startMs !== null) {
    params.set("from", String(startMs - BEFORE_MS));
    params.set("to", startMs + AFTER_MS < nowMs ? String(startMs + AFTER_MS) : "now");
  }
  const query = params.toString();
  return `${homePath}${pathOf(uid)}${query === "" ? "" : `?${query}`}`;
}

/** Where and when an alert is looked at. */
export interface AlertPlace {
  /** Where the pages of dashboards are reached; undefined where there are none around this page. */
  readonly homePath: string | undefined;
  /** When the alert began, epoch ms; null where nobody knows. */
  readonly startMs: number | null;
  readonly nowMs: number;
}

/** Where an alert's annotations lead: to its dashboard, by its uid or an address, and to its runbook. */
export function alertLinks(annotations: LabelSet, place: AlertPlace): readonly AlertLink[] {
  const links: AlertLink[] = [];
  const dashboard = addressIn(annotations, "dashboard", "dashboard_url");
  const here = pageHere(annotations, dashboard, place);
  const href = here ?? dashboard;
  if (href !== undefined) links.push({ name: "Dashboard", href, isHere: here !== undefined });
  const runbook = addressIn(annotations, "runbook_url", "runbook");
  if (runbook !== undefined) links.push({ name: "Runbook", href: runbook, isHere: false });
  return links;
}
