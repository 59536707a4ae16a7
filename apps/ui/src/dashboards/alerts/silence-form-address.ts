import type { Matcher } from "../../alertmanager/matcher-filter.ts";
import { silenceLink } from "../../alertmanager/silence-links.ts";

/** Where an Alertmanager's form for a silence of these matchers is. @param back a path of the dashboards' pages, to which it leads back */
export function silenceFormAddress(managerUid: string, matchers: readonly Matcher[], back: string): string {
  const [path = "", search = ""] = silenceLink(matchers).split("?", 2);
  const params = new URLSearchParams(search);
  params.set("back", back);
  return `/sources/${encodeURIComponent(managerUid)}${path}?${params}`;
}
