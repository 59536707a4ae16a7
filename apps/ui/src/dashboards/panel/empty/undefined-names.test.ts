import { readPanelSource } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { undefinedNames } from "./undefined-names.ts";

test("undefinedNames() returns the variables of shown queries that are not defined", () => {
  const panel = readPanelSource({
    targets: [
      { refId: "A", expr: 'rate(a{instance=~"$instance", job="${job:regex}"}[$__rate_interval])' },
      { refId: "B", expr: 'label_replace(up{job="[[other]]"}, "a", "$1", "b", "(.*)")' },
      { refId: "C", expr: "$hidden", hide: true },
    ],
  });
  expect(undefinedNames(panel, (name) => name === "job")).toEqual(["instance", "other"]);
});
