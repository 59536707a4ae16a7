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

/** Other seeds find what is rarer; the gate reads the same files each time. */
const SEED = testSeed();
const FILES = Number(process.env["NARTHEX_CONFIGS"] ?? testCases(120, 300));

/** Files that the generated configurations refer to; each tests a rule of its own about what is referred to. */
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
  readonly place: Workplace;
  readonly texts: ReadonlyMap<string, string>;
}

function writeCorpus(place: Workplace): Corpus {
  const texts = new Map<string, string>();
  for (const [name, text] of handMade()) texts.set(`_${name.replaceAll(" ", "-")}.yml`, text);
  for (let i = 0; i < FILES; i++) texts.set(`_${SEED + i}.yml`, makeText(SEED + i));
  for (const [name, text] of [...texts, ...Object.entries(REFERRED)]) place.write(name, text);
  return { place, texts };
}

const MODES = [{ flags: ["--syntax-only"] }, { flags: [] }, { flags: ["--agent"] }] as const;

test.skipIf(lacks("peers")).each(MODES)(
  `check config $flags accepts what promtool accepts, and says where it does not (NARTHEX_SEED=${SEED})`,
  ({ flags }) => {
    using place = new Workplace();
    const { texts } = writeCorpus(place);
    // What agents refuse besides does not need so many.
    const files = flags[0] === "--agent" ? [...texts.keys()].slice(0, 300) : [...texts.keys()];
    const check = ["check", "config", ...flags];
    const theirs = verdictsOf([join(peers, "promtool"), ...check], place.folder, files);
    const ours = verdictsOf([launcher, "promtool", ...check], place.folder, files);
    const suite = ["check config", ...flags].join(" ");
    const known = new KnownDifferences<VerdictDifference>(suite, KNOWN, { accepted: 0.15, refused: 0.4 });
    const failures = files.flatMap((file) => {
      const [own, other, text] = [ours.get(file)!, theirs.get(file)!, texts.get(file)!];
      const differences = own.accepted === other.accepted ? [] : [{ ours: own, theirs: other, text }];
      const left = known.compare(differences, [other.accepted ? "accepted" : "refused"]);
      if (!own.accepted && !/\.(?:ya?ml|json)(?::\d+:\d+: |: \d+:\d+: |: rule_files: )/.test(own.said))
        return [`${file}: no place is named\n${own.said}`];
      return left.map(() => `${file}\npromtool: ${other.said}\nnarthex: ${own.said}\n${text}`);
    });
    known.end(failures);
    expect(files.length).toBeGreaterThanOrEqual(Math.min(FILES, 300));
  },
);

/** Names of hand-made files whose prints differ by more than their version, with the reason. */
const PRINTED_APART: ReadonlySet<string> = new Set([
  "too huge limit", // beyond 64 bits there is no telling what number is meant
  "proxy empty url with exceptions", // an empty URL is none
  "alertmanager null version", // the only version there is
]);

test.skipIf(lacks("peers"))(
  "the configuration in force is what Prometheus makes of the same file, secrets hidden",
  async () => {
    using place = new Workplace();
    const texts = new Map([...handMade()].filter(([name]) => !PRINTED_APART.has(name)));
    for (let i = 0; i < 60; i++) texts.set(String(SEED + i), makeText(SEED + i));
    for (const [name, text] of texts) place.write(`${name}.yml`, text);
    const files = [...texts.keys()].map((name) => `${name}.yml`);
    // Only what both take: a file that promtool crashes of would take the server along.
    const accepted = verdictsOf([join(peers, "promtool"), "check", "config", "--syntax-only"], place.folder, files);
    const settings = { config: "", flags: ["--web.enable-lifecycle"] };
    await using ours = await serve("narthex", place, "ours", settings);
    await using theirs = await serve("prometheus", place, "theirs", settings);
    const failures: string[] = [];
    let compared = 0;
    for (const [name, text] of texts) {
      if (!accepted.get(`${name}.yml`)!.accepted || ENDS_PROMETHEUS.test(text)) continue;
      const mine = await reloaded(place.path("ours-narthex.yml"), text, ours.base);
      const other = await reloaded(place.path("theirs-prometheus.yml"), text, theirs.base);
      if (isPartRefused(mine) && !isPartRefused(other) && !isEarlyRefusal(mine))
        failures.push(`${name}: refused by ours alone: ${mine.refusal!}`);
      if (mine.yaml === undefined || other.yaml === undefined) continue;
      compared++;
      failures.push(...effectiveDifferences(mine.yaml, other.yaml).map((line) => `${name}: ${line}`));
    }
    process.stdout.write(`configurations in force compared: ${compared}\n`);
    expect(failures.join("\n")).toBe("");
    expect(compared).toBeGreaterThan(60);
  },
);

/** Prometheus panics some time after it has taken a text with this: a ticker of Go refuses an interval of 0. */
const ENDS_PROMETHEUS = /\b(?:send|refresh)_interval: ['"]?0/;

/** What a server says is in force after a reload, or why it refused the text. */
interface Reloaded {
  readonly yaml?: string;
  readonly refusal?: string;
}

/**
 * Was the text taken, but a part could not be made of it (of a key file that cannot be read)? Theirs is in force in part
 * then, ours not at all.
 */
const isPartRefused = ({ refusal }: Reloaded): boolean => refusal?.includes("one or more errors occurred") === true;

/**
 * Prometheus makes a job's pool seconds after a reload; only a pool that is there refuses a file that is missing. Ours is
 * there at once.
 */
function isEarlyRefusal({ refusal = "" }: Reloaded): boolean {
  const reasons = refusal.trim().split("): scrape: ")[1]?.split("; ") ?? [];
  return reasons.length > 0 && reasons.every((reason) => /^scrape pool .*: ENOENT: /.test(reason));
}

async function reloaded(file: string, text: string, base: string): Promise<Reloaded> {
  writeFileSync(file, text);
  const reload = await fetch(`${base}/-/reload`, { method: "POST" });
  const answer = await reload.text();
  if (!reload.ok) return { refusal: answer };
  const status = await fetch(`${base}/api/v1/status/config`);
  return { yaml: ((await status.json()) as { data: { yaml: string } }).data.yaml };
}
