import { type MutableJson, numberOf, ownValue, textAt } from "../../model/json.ts";
import { deleteKeys, type PanelMigration } from "./panel-migration.ts";

const LIST_KEYS = ["starred", "recent", "search", "headings", "limit", "query", "tags", "folderId"];

/** Moves the settings of a dashboard list panel into its options. */
export const dashListMigration: PanelMigration = {
  kinds: ["dashlist"],
  migrate(panel, path, findings) {
    panel["options"] = optionsOf(panel);
    deleteKeys(panel, LIST_KEYS);
    findings.change(path, "The settings of the dashboard list were moved into its options.");
  },
};

function optionsOf(panel: MutableJson): MutableJson {
  return {
    showStarred: Boolean(ownValue(panel, "starred")),
    showRecentlyViewed: Boolean(ownValue(panel, "recent")),
    showSearch: Boolean(ownValue(panel, "search")),
    showHeadings: ownValue(panel, "headings") !== false,
    maxItems: numberOf(ownValue(panel, "limit")) ?? 10,
    query: textAt(panel, "query"),
    tags: Array.isArray(panel["tags"]) ? panel["tags"] : [],
  };
}
