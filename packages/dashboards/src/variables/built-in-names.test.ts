import { expect, test } from "vitest";
import { dashboardNames, unknownVisit } from "./built-in-names.ts";
import { interpolate } from "./variable-syntax.ts";

test("variable queries that contain the search filter request all values", () => {
  const lookup = dashboardNames({ uid: "u", title: "T" }, "utc", unknownVisit);
  expect(interpolate('label_values(up{job=~"$__searchFilter"}, job)', lookup)).toBe('label_values(up{job=~".*"}, job)');
  expect(interpolate("${__dashboard.uid} in $__timezone", lookup)).toBe("u in utc");
});
