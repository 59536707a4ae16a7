import { safeAddress } from "@narthex/dashboards";
import type { LabelSet } from "../format/series-name.ts";

/** A page that an alert names. */
export interface AlertLink {
  readonly name: "Panel" | "Dashboard" | "Runbook";
  readonly href: string;
}

/** Around what happened, so that it does not stand at an edge. */
const LEAST_AROUND_MS = 30 * 60_000;

/**
 * The pages that an alert's annotations name: a panel by `__dashboardUid__` and `__panelId__`, `dashboard`, and `runbook_url`. Addresses are
 * somebody else's words: those of the web alone become links.
 *
 * @param time when it fired, epoch ms
 * @param home where the pages of dashboards are; undefined where there are none
 */
export function alertLinks(
  annotations: LabelSet,
  { from, to }: { readonly from: number; readonly to: number },
  home: string | undefined,
): readonly AlertLink[] {
  const links: AlertLink[] = [];
  const { __dashboardUid__: uid = "", __panelId__: panel = "", dashboard = "" } = annotations;
  if (uid !== "" && home !== undefined) {
    const around = Math.max(LEAST_AROUND_MS, to - from);
    const params = new URLSearchParams({ from: String(Math.floor(from - around)), to: String(Math.ceil(to + around)) });
    if (panel !== "") params.set("viewPanel", panel);
    const name = panel === "" ? "Dashboard" : "Panel";
    links.push({ name, href: `${home}/d/${encodeURIComponent(uid)}?${params}` });
  }
  const shown = webAddress(dashboard, home);
  if (shown !== undefined) links.push({ name: "Dashboard", href: shown });
  const runbook = webAddress(annotations["runbook_url"] ?? annotations["runbook"] ?? "", undefined);
  if (runbook !== undefined) links.push({ name: "Runbook", href: runbook });
  return links;
}

/** An address of the web, or a path of the dashboards' pages. */
function webAddress(text: string, home: string | undefined): string | undefined {
  const address = safeAddress(text);
  if (address === undefined) return undefined;
  if (/^https?:\/\//i.test(address)) return address;
  return home !== undefined && /^\/(?![/\\])/.test(address) ? `${home}${address}` : undefined;
}
