import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder, testHost } from "@narthex/runtime/testing";
import { beforeAll, expect, test } from "vitest";
import { runPromtool } from "../main.ts";

const folder = temporaryFolder();

/** Runs `promtool` in the test's folder. Resolves with exit status, standard output and standard error. */
async function promtool(...args: string[]): Promise<[number, string, string]> {
  const host = testHost(args, { cwd: folder });
  const status = await runPromtool(host);
  return [status, host.output.stdout, host.output.stderr];
}

const SLO = `version: narthex/v1
service: shop
slos:
  - name: answers
    objective: 99.9
    sli:
      events:
        error_query: sum(rate(bad_total[{{.window}}]))
        total_query: sum(rate(all_total[{{.window}}]))
    alerting: { name: ShopAnswers }
`;

beforeAll(() => {
  writeFileSync(join(folder, "slo.yml"), SLO);
  writeFileSync(join(folder, "broken.yml"), SLO.replace("99.9", "990"));
});

test("slo generate writes rules that promtool accepts", async () => {
  expect(await promtool("slo", "generate", "--label=region=eu", "-o", "rules.yml", "slo.yml")).toEqual([0, "", ""]);
  expect(readFileSync(join(folder, "rules.yml"), "utf8")).toContain("region: eu");
  expect(await promtool("check", "rules", "rules.yml")).toEqual([
    0,
    "Checking rules.yml\n  SUCCESS: 17 rules found\n\n",
    "",
  ]);
  const [status, printed] = await promtool("slo", "generate", "slo.yml");
  expect([status, printed.split("\n")[1]]).toEqual([0, "groups:"]);
});

test("slo check lists the objectives, or the problems with their places", async () => {
  expect(await promtool("slo", "check", "slo.yml")).toEqual([
    0,
    "slo.yml:4: shop-answers: 99.9 %, 17 rules\nSUCCESS: 1 objectives found\n",
    "",
  ]);
  const problem = "broken.yml:5:16: the objective 990 is not a percentage; write more than 0 and at most 100\n";
  for (const command of ["check", "generate", "dashboard"])
    expect(await promtool("slo", command, "broken.yml")).toEqual([1, "", problem]);
  expect((await promtool("slo", "generate", "--label=x", "slo.yml"))[2]).toBe(
    '--label "x" is not a label; write for example --label=team=web\n',
  );
  expect((await promtool("slo", "generate", "-o", "no/folder.yml", "slo.yml"))[2]).toMatch(
    /^cannot write no\/folder\.yml: ENOENT/,
  );
});

test("slo dashboard writes the JSON of a dashboard", async () => {
  const [status, text] = await promtool("slo", "dashboard", "--title=Shop", "slo.yml");
  const { title, panels } = JSON.parse(text) as { title: string; panels: readonly unknown[] };
  expect([status, title, panels.length]).toEqual([0, "Shop", 5]);
});
