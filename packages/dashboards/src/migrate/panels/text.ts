import { objectAt, textAt } from "../../model/json.ts";
import type { PanelMigration } from "./panel-migration.ts";

/** Moves the content of a text panel and its mode (Markdown, HTML or code) into the options. */
export const textMigration: PanelMigration = {
  kinds: ["text", "text2"],
  migrate(panel, path, findings) {
    const options = objectAt(panel, "options") ?? {};
    const { angular: _, ...kept } = options;
    const mode = textAt(panel, "mode") || textAt(options, "mode");
    panel["options"] = {
      ...kept,
      mode: mode === "html" || mode === "code" ? mode : "markdown",
      content: textAt(panel, "content") || textAt(options, "content"),
    };
    panel["type"] = "text";
    delete panel["content"];
    delete panel["mode"];
    findings.change(path, "The content of the text panel was moved into its options.");
  },
};
