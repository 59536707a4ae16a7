import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runScript } from "./run.ts";
import { scriptEngine } from "./script-engine.ts";

/**
 * Folder with Prometheus' test scripts, which are not in this repository. Without the folder these tests are skipped.
 */
const conformance = process.env["NARTHEX_CONFORMANCE"];
const folder = conformance === undefined ? undefined : join(conformance, "promqltest");
const files = folder === undefined ? [] : readdirSync(folder).filter((file) => file.endsWith(".test"));

test.skipIf(files.length === 0).each(files.length === 0 ? ["*.test"] : files)(
  "every eval of %s has the same result as in Prometheus",
  async (file) => {
    const report = await runScript(readFileSync(join(folder!, file), "utf8"), scriptEngine());
    expect(report.failures).toEqual([]);
    expect(report.total).toBeGreaterThan(0);
  },
);

test("a script runs against this engine", async () => {
  const script = `
load 1m
  http_requests_total{job="a"} 0+60x10
  http_requests_total{job="b"} 0+30x10

eval instant at 10m sum by (job) (rate(http_requests_total[5m]))
  {job="a"} 1
  {job="b"} 0.5

eval range from 0 to 2m step 1m http_requests_total{job="a"} > 50
  http_requests_total{job="a"} _ 60 120

eval instant at 10m http_requests_total * on (x) http_requests_total
  expect fail regex: found duplicate series for the match group

eval instant at 0 "text"
  expect string "text"

eval instant at 1m scalar(http_requests_total{job="a"}) + 1
  61
`;
  expect(await runScript(script, scriptEngine())).toEqual({ total: 5, failures: [] });
});
