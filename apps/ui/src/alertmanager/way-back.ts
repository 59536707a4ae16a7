import { addressBelow } from "../api/address-below.ts";

/** Pages that show a dashboard, below the root of the dashboards' pages. */
const SHOWING = /^\/(?:$|d\/|dashboard\/)/;

/**
 * Where a reader who came from a dashboard is led back to: the address's `back`, a path of the dashboards' pages. It is somebody else's
 * word, and must not lead to another server.
 *
 * @param home where the pages of dashboards are; undefined where there are none around
 */
export function wayBack(search: string, home: string | undefined): string | undefined {
  if (home === undefined) return undefined;
  const back = addressBelow(home, new URLSearchParams(search).get("back") ?? "");
  return back !== undefined && SHOWING.test(back.path) ? back.address : undefined;
}

/** An address of these pages that keeps the way back. */
export function withWayBack(path: string, search: string): string {
  const back = new URLSearchParams(search).get("back");
  return back === null ? path : `${path}?${new URLSearchParams({ back })}`;
}
