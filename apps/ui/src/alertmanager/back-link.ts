import { addressBelow } from "../api/address-below.ts";

/** Matches the paths of pages that show a dashboard, relative to the root of the dashboards' pages. */
const SHOWING = /^\/(?:$|d\/|dashboard\/)/;

/**
 * Returns the link back to the dashboard from which the user came: the parameter `back`, a path of the dashboards'
 * pages. Anyone can write this parameter, so it must not lead to another server.
 *
 * @param home root of the dashboards' pages; undefined if this server has none
 */
export function backLink(search: string, home: string | undefined): string | undefined {
  if (home === undefined) return undefined;
  const back = addressBelow(home, new URLSearchParams(search).get("back") ?? "");
  return back !== undefined && SHOWING.test(back.path) ? back.address : undefined;
}

/** Adds the `back` parameter of the current address to the path of another page of the Alertmanager. */
export function withBackLink(path: string, search: string): string {
  const back = new URLSearchParams(search).get("back");
  return back === null ? path : `${path}?${new URLSearchParams({ back })}`;
}
