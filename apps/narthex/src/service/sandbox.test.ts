import { expect, test } from "vitest";
import { sandbox, type View } from "./sandbox.ts";

const filters = (view: View): readonly string[] =>
  sandbox({ view, usesHomes: false, usesLowPort: false })
    .filter(([name]) => name === "SystemCallFilter")
    .map(([, value]) => value);

test("a role that reads the host's clock may make the system calls for it, because the line that allows them follows the line that forbids them", () => {
  expect(filters("host")).toEqual(["@system-service", "~@privileged @resources", "adjtimex clock_adjtime"]);
});

test.each<View>(["own files", "containers"])("a role that sees %s has no call that sets the clock", (view) => {
  expect(filters(view)).toEqual(["@system-service", "~@privileged @resources"]);
});
