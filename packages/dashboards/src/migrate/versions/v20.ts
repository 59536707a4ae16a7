import { textAt } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import { fieldDefaultsOf, rewriteLinks } from "../data-links.ts";
import type { Migration } from "../migration.ts";

/** Renames the variables in data links and value titles to their current names. */
export const toV20: Migration = {
  to: 20,
  migrate(dashboard, { findings }) {
    for (const { panel, path } of panelsOf(dashboard)) {
      const count = rewriteLinks(panel, renamed);
      const defaults = fieldDefaultsOf(panel);
      const title = defaults === undefined ? "" : textAt(defaults, "title");
      if (defaults !== undefined && renamed(title) !== title) defaults["title"] = renamed(title);
      if (count > 0)
        findings.change(`${path}.options`, "Old variable names in data links were replaced by the current names.");
    }
  },
};

const NAMES: Readonly<Record<string, string>> = {
  __series_name: "__series.name",
  $__series_name: "${__series.name}",
  __value_time: "__value.time",
  __field_name: "__field.name",
  $__field_name: "${__field.name}",
};

function renamed(text: string): string {
  return text.replaceAll(/\$?__series_name|__value_time|\$?__field_name/g, (name) => NAMES[name] ?? name);
}
