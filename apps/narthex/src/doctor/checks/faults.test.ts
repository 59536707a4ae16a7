import { expect, test } from "vitest";
import { fakeContext, fakeNetwork, roleNamed } from "../testing/fake-context.ts";
import { faults } from "./faults.ts";

const LISTENS = [{ address: { host: undefined, port: 9090 }, flag: "--web.listen-address" }];

function run(body: string) {
  const network = fakeNetwork({ "http://127.0.0.1:9090/metrics": { body } });
  return faults.run(fakeContext({ network, roles: [roleNamed("server", { listens: LISTENS })] }));
}

test.each([
  ["narthex_event_loop_longest_turn_seconds 0.02", "ok", "took 0.02 s"],
  [
    'narthex_event_loop_longest_turn_seconds 2.5\nnarthex_event_loop_stalls_total{kind="target"} 2\nnarthex_event_loop_stalls_total{kind="route"} 1',
    "warning",
    "3 times since its start, for 2.5 s",
  ],
  ['narthex_internal_errors_total{component="scrape"} 4', "warning", "4 unexpected errors"],
])("faults: metrics %j are %s", async (body, level, what) => {
  expect(await run(body)).toMatchObject([{ level, what: expect.stringContaining(what) }]);
});

test("faults: no finding for a role that does not run or shows no metrics of its own", async () => {
  expect(await run("up 1")).toEqual([]);
  expect(await faults.run(fakeContext({ roles: [roleNamed("server", { listens: LISTENS })] }))).toEqual([]);
});
