import { dashboardSlug } from "../../links/dashboard-address.ts";
import { isObject, listAt, type MutableJson, textAt } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import type { Migration } from "../migration.ts";

/** Converts links of panels to URLs. Old links could also name a dashboard. */
export const toV19: Migration = {
  to: 19,
  migrate(dashboard, { findings }) {
    for (const { panel, path } of panelsOf(dashboard)) {
      const links = listAt(panel, "links").filter(isObject);
      if (links.length === 0) continue;
      panel["links"] = links.map(asAddress);
      findings.change(`${path}.links`, "The links of the panel were converted to URLs.");
    }
  },
};

function asAddress(link: MutableJson): MutableJson {
  const parameters = [
    link["keepTime"] ? "$__url_time_range" : "",
    link["includeVars"] ? "$__all_variables" : "",
    textAt(link, "params"),
  ];
  const url = parameters
    .filter((parameter) => parameter !== "")
    .reduce((address, parameter) => address + (address.includes("?") ? "&" : "?") + parameter, addressOf(link));
  return { url, title: link["title"], targetBlank: link["targetBlank"] };
}

function addressOf(link: MutableJson): string {
  if (textAt(link, "url") !== "") return textAt(link, "url");
  if (textAt(link, "dashboard") !== "") return `dashboard/db/${dashboardSlug(textAt(link, "dashboard"))}`;
  if (textAt(link, "dashUri") !== "") return `dashboard/${textAt(link, "dashUri")}`;
  return "/";
}
