import { expect, test } from "vitest";
import { sandbox, type View } from "./sandbox.ts";

const filters = (view: View): readonly string[] =>
  sandbox({ view, usesHomes: false, usesLowPort: false })
    .filter(([name]) => name === "SystemCallFilter")
    .map(([, value]) => value);

test("who looks at the host may ask its clock: its calls are allowed behind the line that takes them away", () => {
  expect(filters("host")).toEqual(["@system-service", "~@privileged @resources", "adjtimex clock_adjtime"]);
});

test.each<View>(["own files", "containers"])("a role that sees %s has no call that sets the clock", (view) => {
  expect(filters(view)).toEqual(["@system-service", "~@privileged @resources"]);
});
