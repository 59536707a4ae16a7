import { expect, test } from "vitest";
import { launcherOf, placeProblems } from "./launcher.ts";

test("launcherOf() returns the launcher that started this program", () => {
  const env = { NARTHEX_LAUNCHER: "/opt/narthex/bin/narthex" };
  expect(launcherOf({ env, execPath: "/n", script: "/s" }, "server")).toEqual({
    words: ["/opt/narthex/bin/narthex"],
    env: {},
  });
});

test("launcherOf() returns Node with the role's settings if there is no launcher", () => {
  const script = import.meta.filename;
  const { words, env } = launcherOf({ env: {}, execPath: "/usr/bin/node", script }, "node-exporter");
  expect(words).toEqual([
    "/usr/bin/node",
    "--disable-warning=ExperimentalWarning",
    expect.any(String),
    "--wasm-wrapper-tiering-budget=2000000000",
    "--v8-pool-size=1",
    "--no-compact",
    script,
  ]);
  expect(env).toMatchObject({ MALLOC_ARENA_MAX: "2", UV_THREADPOOL_SIZE: "16" });
});

test.each([
  ["/root/.npm/_npx/1a/node_modules/narthex/main.js", [true, false], "npm install --global ./narthex-VERSION.tgz"],
  ["/tmp/narthex/bin/narthex", [true], "move it, for example to /opt/narthex"],
  ["/home/eve/narthex/bin/narthex", [false], "is in a home folder"],
  ["/opt/narthex/bin/narthex", [], ""],
])("placeProblems() of %s", (path, fatal, hint) => {
  const problems = placeProblems({ words: ["/usr/bin/node", path], env: {} });
  expect(problems.map(({ isFatal }) => isFatal)).toEqual(fatal);
  expect(problems.map(({ sentence }) => sentence).join("")).toContain(hint);
});
