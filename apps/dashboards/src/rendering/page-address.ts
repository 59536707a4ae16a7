import type { PublicAddress } from "../web/public-address.ts";
import type { RenderRequest } from "./render-request.ts";

/** Characters of parameters that are passed to the page. */
const MAX_QUERY = 16_384;
/** Parameters of the page that a rendering sets itself. */
const OWN = ["kiosk", "print", "paper", "theme", "timezone", "panelId", "editPanel", "viewPanel", "refresh", "orgId"];

/** Returns the host and port to which the browser connects for a page at the origin. */
export function hostAndPort(origin: string): string {
  const { hostname, port, protocol } = new URL(origin);
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}

/** Returns the address of the page that is rendered. */
export function renderedPage(origin: string, { path }: PublicAddress, request: RenderRequest): string {
  const { dashboardUid, panelId, parameters, zone, theme, output } = request;
  const next = new URLSearchParams(parameters.toString().slice(0, MAX_QUERY));
  for (const name of OWN) next.delete(name);
  if (theme !== "") next.set("theme", theme);
  if (zone !== "") next.set("timezone", zone);
  if (output.format === "pdf") {
    next.set("print", "true");
    if (output.orientation === "landscape") next.set("paper", "landscape");
  } else next.set("kiosk", "true");
  if (panelId !== undefined) next.set("panelId", panelId);
  const page = panelId === undefined ? "d" : "d-solo";
  return `${origin}${path}/${page}/${encodeURIComponent(dashboardUid)}/x?${String(next)}`;
}
