import { panelsOf } from "../../model/json-panels.ts";
import { rewriteLinks } from "../data-links.ts";
import type { Migration } from "../migration.ts";

/** Replaces `__series.labels` in links by `__field.labels`. */
export const toV21: Migration = {
  to: 21,
  migrate(dashboard, { findings }) {
    for (const { panel, path } of panelsOf(dashboard)) {
      const count = rewriteLinks(panel, (url) => url.replaceAll("__series.labels", "__field.labels"));
      if (count > 0)
        findings.change(`${path}.options`, "Data links now refer to the labels of the field instead of the series.");
    }
  },
};
