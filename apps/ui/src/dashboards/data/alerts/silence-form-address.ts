import type { Matcher } from "../../../alertmanager/matcher-filter.ts";
import { silenceLink } from "../../../alertmanager/silence-links.ts";

/**
 * Returns the address of an Alertmanager's form for a new silence, filled with matchers.
 * @param back path of the dashboard to which the form links back
 */
export function silenceFormAddress(managerUid: string, matchers: readonly Matcher[], back: string): string {
  const [path = "", search = ""] = silenceLink(matchers).split("?", 2);
  const params = new URLSearchParams(search);
  params.set("back", back);
  return `/sources/${encodeURIComponent(managerUid)}${path}?${params}`;
}
