import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { testCases, testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { handMade, makeText } from "./corpus.ts";
import { effectiveDifferences } from "./effective.ts";
import { KNOWN, type VerdictDifference } from "./known-differences.ts";
import { verdictsOf } from "./verdicts.ts";
import { KnownDifferences } from "../../../support/known-differences.ts";
import { lacks, peers } from "../../../support/requirements.ts";
import { launcher } from "../../../support/running.ts";
import { serve } from "../../../support/serving.ts";
import { Workplace } from "../../../support/workplace.ts";

/**
 * Seed of the generated configurations. By default the seed is fixed, so every run checks the same files. Other seeds
 * find rarer cases.
 */
const SEED = testSeed();
const FILES = Number(process.env["NARTHEX_CONFIGS"] ?? testCases(120, 300));

/** Files that generated configurations name, such as rule files. Each file tests one rule about such files. */
const REFERRED: Readonly<Record<string, string>> = {
  "rules.yml": "groups: [{name: g, rules: [{record: a, expr: up}]}]",
  "r1.yml": "groups: [{name: g, rules: [{alert: A, expr: up, for: 5m}]}]",
  "r/a.yml": "groups: []",
  "r/b.yml": "groups: [{name: g, rules: [{record: a, expr: 'up{'}]}]",
  "more/x.yml": "scrape_configs: [{job_name: x, static_configs: [{targets: [x:1]}]}]",
  "more/y.yml": "scrape_configs: [{job_name: d}]",
  "s1.yaml": "scrape_configs: [{job_name: s, file_sd_configs: [{files: [a.yml]}]}]",
  "a.yml": "- targets: [a:1]\n  labels: {b: c}\n",
  "c.yaml": "- targets: ['']\n",
  "d1.yml": "- target: [a:1]\n",
  "b/x.json": '[{"targets": ["a:1"], "labels": {"x": "y"}}]',
  "b/y.json": "null",
  "a.txt": "secret",
  "d/e.key": "key",
  "with space.txt": "secret",
};

interface Corpus {
  readonly workplace: Workplace;
  readonly texts: ReadonlyMap<string, string>;
}

function writeCorpus(workplace: Workplace): Corpus {
  const texts = new Map<string, string>();
  for (const [name, text] of handMade()) texts.set(`_${name.replaceAll(" ", "-")}.yml`, text);
  for (let i = 0; i < FILES; i++) texts.set(`_${SEED + i}.yml`, makeText(SEED + i));
  for (const [name, text] of [...texts, ...Object.entries(REFERRED)]) workplace.write(name, text);
  return { workplace, texts };
}

const MODES = [{ flags: ["--syntax-only"] }, { flags: [] }, { flags: ["--agent"] }] as const;

test.skipIf(lacks("peers")).each(MODES)(
  `check config $flags accepts the same files as promtool, and refuses them at the same place (NARTHEX_SEED=${SEED})`,
  ({ flags }) => {
    using workplace = new Workplace();
    const { texts } = writeCorpus(workplace);
    // Agents are tested with only 300 files, because agent mode adds only a few errors.
    const files = flags[0] === "--agent" ? [...texts.keys()].slice(0, 300) : [...texts.keys()];
    const check = ["check", "config", ...flags];
    const theirs = verdictsOf([join(peers, "promtool"), ...check], workplace.folder, files);
    const ours = verdictsOf([launcher, "promtool", ...check], workplace.folder, files);
    const suite = ["check config", ...flags].join(" ");
    const known = new KnownDifferences<VerdictDifference>(suite, KNOWN, { accepted: 0.15, refused: 0.4 });
    const failures = files.flatMap((file) => {
      const [own, other, text] = [ours.get(file)!, theirs.get(file)!, texts.get(file)!];
      const differences = own.accepted === other.accepted ? [] : [{ ours: own, theirs: other, text }];
      const unexplained = known.compare(differences, [other.accepted ? "accepted" : "refused"]);
      if (!own.accepted && !/\.(?:ya?ml|json)(?::\d+:\d+: |: \d+:\d+: |: rule_files: )/.test(own.output))
        return [`${file}: no place is named\n${own.output}`];
      return unexplained.map(() => `${file}\npromtool: ${other.output}\nnarthex: ${own.output}\n${text}`);
    });
    known.end(failures);
    expect(files.length).toBeGreaterThanOrEqual(Math.min(FILES, 300));
  },
);

/**
 * Names of hand-written configurations that the two servers print differently. A comment gives the reason for each
 * name.
 */
const PRINTED_APART: ReadonlySet<string> = new Set([
  "too huge limit", // The number exceeds 64 bits, so it has no defined value.
  "proxy empty url with exceptions", // The proxy URL is empty, which means that there is no proxy.
  "alertmanager null version", // There is only one API version, so null has no other meaning.
]);

test.skipIf(lacks("peers"))("the printed configuration is equal to Prometheus', with secrets hidden", async () => {
  using workplace = new Workplace();
  const texts = new Map([...handMade()].filter(([name]) => !PRINTED_APART.has(name)));
  for (let i = 0; i < 60; i++) texts.set(String(SEED + i), makeText(SEED + i));
  for (const [name, text] of texts) workplace.write(`${name}.yml`, text);
  const files = [...texts.keys()].map((name) => `${name}.yml`);
  // Only files that both checkers accept are loaded. A file that crashes promtool would also crash Prometheus.
  const accepted = verdictsOf([join(peers, "promtool"), "check", "config", "--syntax-only"], workplace.folder, files);
  const settings = { config: "", flags: ["--web.enable-lifecycle"] };
  await using ours = await serve("narthex", workplace, "ours", settings);
  await using theirs = await serve("prometheus", workplace, "theirs", settings);
  const failures: string[] = [];
  let compared = 0;
  for (const [name, text] of texts) {
    if (!accepted.get(`${name}.yml`)!.accepted || ENDS_PROMETHEUS.test(text)) continue;
    const mine = await reloaded(workplace.path("ours-narthex.yml"), text, ours.base);
    const other = await reloaded(workplace.path("theirs-prometheus.yml"), text, theirs.base);
    if (isPartRefused(mine) && !isPartRefused(other) && !isEarlyRefusal(mine))
      failures.push(`${name}: refused by ours alone: ${mine.refusal!}`);
    if (mine.yaml === undefined || other.yaml === undefined) continue;
    compared++;
    failures.push(...effectiveDifferences(mine.yaml, other.yaml).map((line) => `${name}: ${line}`));
  }
  process.stdout.write(`configurations in force compared: ${compared}\n`);
  expect(failures.join("\n")).toBe("");
  expect(compared).toBeGreaterThan(60);
});

/**
 * Matches configurations that make Prometheus panic, but only some time after it has loaded them: they set an interval
 * to 0, for which a Go ticker panics.
 */
const ENDS_PROMETHEUS = /\b(?:send|refresh)_interval: ['"]?0/;

/** The configuration that a server prints after a reload, or the reason why it refused the file. */
interface Reloaded {
  readonly yaml?: string;
  readonly refusal?: string;
}

/**
 * Reports whether Prometheus accepted the file but could not create a part, for example because of an unreadable key
 * file. Prometheus then uses the remaining configuration. Our server refuses the whole file.
 */
const isPartRefused = ({ refusal }: Reloaded): boolean => refusal?.includes("one or more errors occurred") === true;

/**
 * Reports whether our server refused a file that Prometheus would refuse some seconds later. Prometheus creates the
 * scrape pool of a job after some seconds, and only then notices a missing file. Our server creates the pool at once.
 */
function isEarlyRefusal({ refusal = "" }: Reloaded): boolean {
  const reasons = refusal.trim().split("): scrape: ")[1]?.split("; ") ?? [];
  return (
    reasons.length > 0 &&
    reasons.every((reason) => /^scrape pool .*: (?:ENOENT: |.*: no such file or directory$)/.test(reason))
  );
}

async function reloaded(file: string, text: string, base: string): Promise<Reloaded> {
  writeFileSync(file, text);
  const reload = await fetch(`${base}/-/reload`, { method: "POST" });
  const answer = await reload.text();
  if (!reload.ok) return { refusal: answer };
  const status = await fetch(`${base}/api/v1/status/config`);
  return { yaml: ((await status.json()) as { data: { yaml: string } }).data.yaml };
}
