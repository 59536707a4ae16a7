import { expect, test } from "vitest";
import { fakeContext, fakeMachine } from "../testing/fake-context.ts";
import { versions } from "./versions.ts";

test.each([
  ["v24.3.0", "6.8.0-31-generic\n", ["ok", "ok"]],
  ["v22.1.0", "4.17.1\n", ["error", "error"]],
  ["v26.0.0", undefined, ["warning"]],
])("versions: Node %s on kernel %j is %j", async (nodeVersion, release, levels) => {
  const machine = fakeMachine({ nodeVersion, kernelText: () => Promise.resolve(release) });
  expect((await versions.run(fakeContext({ machine }))).map(({ level }) => level)).toEqual(levels);
});
