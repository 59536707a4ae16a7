import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { cases } from "../bench/src/cases.ts";
import { whyNotKept } from "../bench/src/flags.ts";
import { freePort } from "../bench/src/free-port.ts";
import { keptResults } from "../bench/src/kept-results.ts";
import { Program } from "../bench/src/program.ts";
import { notMeasuredByCase } from "./benchmarks-page.ts";
import { root } from "./sources.ts";

const PLAN = [{ name: "a", usualRounds: 3 }, { name: "b", usualRounds: 5 }, { name: "without" }];

test.each([
  { rounds: undefined, scale: undefined, refusal: undefined },
  { rounds: "5", scale: "1", refusal: undefined },
  { rounds: "9", scale: undefined, refusal: undefined },
  { rounds: "4", scale: undefined, refusal: "b has 5" },
  { rounds: "1", scale: undefined, refusal: "a has 3, b has 5" },
  { rounds: undefined, scale: "0.5", refusal: "NARTHEX_BENCH_SCALE=0.5" },
])("--save with $rounds rounds and scale $scale is refused for: $refusal", ({ rounds, scale, refusal }) => {
  vi.stubEnv("NARTHEX_BENCH_ROUNDS", rounds);
  vi.stubEnv("NARTHEX_BENCH_SCALE", scale);
  onTestFinished(() => void vi.unstubAllEnvs());
  if (refusal === undefined) expect(whyNotKept(PLAN)).toBeUndefined();
  else expect(whyNotKept(PLAN)).toContain(refusal);
});

test("figures with their command have all rounds; older ones state their number of rounds", () => {
  for (const [name, { rounds, usualRounds, run, figures }] of Object.entries(keptResults())) {
    expect(cases.find((one) => one.name === name)?.usualRounds, name).toBe(usualRounds);
    if (usualRounds === undefined) continue;
    expect(rounds, name).toBeGreaterThanOrEqual(run === undefined ? 1 : usualRounds);
    for (const { ours } of figures) expect(ours.length, name).toBeLessThanOrEqual(rounds!);
  }
});

test("each case is a row of the README", () => {
  expect([...notMeasuredByCase().keys()].toSorted()).toEqual(cases.map(({ name }) => name).toSorted());
});

test("each change of the changelog that is `faster` names the case that measures it", () => {
  const names = new Set(cases.map(({ name }) => name));
  const changes = readFileSync(join(root, "CHANGELOG.md"), "utf8").split(/^- /m);
  const faster = changes.filter((change) => change.startsWith("`faster`"));
  expect(faster.length).toBeGreaterThan(20);
  expect(faster.filter((change) => !names.has(/`bench ([a-z0-9-]+)` measures/.exec(change)?.[1] ?? ""))).toEqual([]);
});

/**
 * Source of a test server with a worker thread, which first uses CPU time. The server then answers 503 once and 200
 * afterwards. A request of /end ends the worker thread.
 */
const WITH_THREAD = `
const { Worker } = require("node:worker_threads");
const worker = new Worker("for (let i = 0; i < 1e8; i++); require('node:worker_threads').parentPort.postMessage(0); setInterval(() => {}, 1e6)", { eval: true });
const worked = new Promise((resolve) => worker.once("message", resolve));
let asked = 0;
require("node:http").createServer(async (request, response) => {
  await worked;
  if (request.url === "/end") await worker.terminate();
  response.writeHead(asked++ === 0 ? 503 : 200).end(String(asked));
}).listen(Number(process.argv[1]), "127.0.0.1");
`;

test("the CPU time of a program includes threads that have ended", async () => {
  const port = await freePort();
  await using program = new Program(process.execPath, ["-e", WITH_THREAD, String(port)]);
  await program.ready(`http://127.0.0.1:${port}/`);
  const before = program.threadsCpuMs();
  const ended = await fetch(`http://127.0.0.1:${port}/end`);
  expect(await ended.text(), "two requests before this one: the first was not ready").toBe("3");
  expect(program.threadsCpuMs()).toBeGreaterThanOrEqual(before);
});
