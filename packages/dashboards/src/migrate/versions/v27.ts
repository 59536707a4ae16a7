import { isObject, listAt, type MutableJson, ownValue, textAt } from "../../model/json.ts";
import { type Migration, variablesOf } from "../migration.ts";

/** Removes saved copies of repeated panels. Converts visible constant variables to text boxes. */
export const toV27: Migration = {
  to: 27,
  migrate(dashboard, { findings }) {
    const panels = listAt(dashboard, "panels");
    const kept = panels.filter((panel) => !isCopy(panel));
    for (const row of kept.filter(isObject)) {
      if (row["type"] !== "row" || !Array.isArray(row["panels"])) continue;
      row["panels"] = row["panels"].filter((panel) => !isObject(panel) || !ownValue(panel, "repeatPanelId"));
    }
    if (Array.isArray(dashboard["panels"])) dashboard["panels"] = kept;
    if (kept.length < panels.length)
      findings.change("panels", `${panels.length - kept.length} saved copies of repeated panels were removed.`);
    for (const { variable, path } of variablesOf(dashboard)) {
      if (variable["type"] !== "constant") continue;
      asText(variable);
      if (variable["type"] !== "constant") findings.change(path, "The visible constant was converted to a text box.");
    }
  },
};

function isCopy(panel: unknown): boolean {
  return isObject(panel) && Boolean(ownValue(panel, "repeatPanelId") || ownValue(panel, "repeatByRow"));
}

function asText(variable: MutableJson): void {
  const value = textAt(variable, "query");
  variable["current"] = { selected: true, text: value, value };
  variable["options"] = [{ selected: true, text: value, value }];
  const hide = ownValue(variable, "hide") ?? 0;
  if (hide === 0 || hide === 1) variable["type"] = "textbox";
}
