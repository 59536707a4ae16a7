import { panelsOf } from "../../model/json-panels.ts";
import { rewriteLinks } from "../data-links.ts";
import type { Migration } from "../migration.ts";

/** Labels in links belong to the field, no longer to the series. */
export const toV21: Migration = {
  to: 21,
  migrate(dashboard, { findings }) {
    for (const { panel, path } of panelsOf(dashboard)) {
      const count = rewriteLinks(panel, (url) => url.replaceAll("__series.labels", "__field.labels"));
      if (count > 0) findings.change(`${path}.options`, "Labels in data links are those of the field.");
    }
  },
};
