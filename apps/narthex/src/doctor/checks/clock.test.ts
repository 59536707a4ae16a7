import { expect, test } from "vitest";
import { fakeContext, fakeMachine, fakeNetwork, roleNamed } from "../testing/fake-context.ts";
import { clock } from "./clock.ts";

test.each([
  [{ isSynchronized: true, maxErrorSeconds: 0.02 }, "ok", "0.020 s"],
  [{ isSynchronized: true, maxErrorSeconds: 16 }, "warning", "16.000 s off"],
  [{ isSynchronized: false, maxErrorSeconds: 16 }, "warning", "not synchronised"],
  [undefined, "warning", "it is unknown"],
])("clock: %j is %s", async (state, level, what) => {
  const findings = await clock.run(fakeContext({ machine: fakeMachine({ clockState: () => Promise.resolve(state) }) }));
  expect(findings).toMatchObject([{ level, what: expect.stringContaining(what) }]);
  expect(findings[0]!.hint === "").toBe(level === "ok");
});

test.each([
  [0, "ok", "agrees with the clock of a"],
  [60_000, "error", "behind the clock of a"],
  [-3_600_000, "error", "1h ahead of the clock of a"],
])("clock: without synchronisation the dates of others are compared: %s ms", async (difference, level, what) => {
  const machine = fakeMachine({ clockState: () => Promise.resolve(undefined) });
  const date = Date.now() + difference;
  const network = fakeNetwork({ "http://a:1/metrics": { date } });
  const roles = [roleNamed("server", { prometheus: { file: "/p.yml", features: [] } })];
  const config =
    "scrape_configs: [{job_name: a, static_configs: [{targets: ['a:1', 'localhost:2', 'gone:3', 'b:99999']}]}]";
  const findings = await clock.run(fakeContext({ machine, network, roles, files: { "/p.yml": config } }));
  expect(findings).toMatchObject([{ level: "warning" }, { level, what: expect.stringContaining(what) }]);
});
