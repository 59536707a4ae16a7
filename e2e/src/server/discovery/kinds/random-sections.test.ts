import { join } from "node:path";
import { testCases, testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { KnownDifferences } from "../../../support/known-differences.ts";
import { Random } from "../../../support/random.ts";
import { lacks, peers } from "../../../support/requirements.ts";
import { launcher } from "../../../support/running.ts";
import { Workplace } from "../../../support/workplace.ts";
import { spoil } from "../../config/corpus/faults.ts";
import { kindSections } from "../../config/corpus/kind-grammar.ts";
import { KNOWN, type VerdictDifference } from "../../config/corpus/known-differences.ts";
import type { Make } from "../../config/corpus/values.ts";
import { verdictsOf } from "../../config/corpus/verdicts.ts";
import { list, map, writeYaml } from "../../config/corpus/yaml-tree.ts";

const SEED = testSeed();
/** Number of files for each kind. `NARTHEX_SECTIONS` sets it. */
const FILES = Number(process.env["NARTHEX_SECTIONS"] ?? testCases(60, 200));

/** Rules for accepted differences. Each applies more often than in whole files, because the section is the whole file. */
const RULES = KNOWN.map((rule) => ({ ...rule, share: Math.max(rule.share, 0.03) }));

/** Returns a prometheus.yml with one section of a kind. Most of the sections have one or more errors. */
function textOf(key: string, make: Make, seed: number): string {
  const random = new Random(seed);
  const tree = map([
    [
      "scrape_configs",
      list(
        map([
          ["job_name", "a"],
          [key, list(make(random))],
        ]),
      ),
    ],
  ]);
  for (let i = random.pick([0, 1, 1, 2]); i > 0; i--) spoil(tree, random);
  return writeYaml(tree, random);
}

test.skipIf(lacks("peers")).each([...kindSections])(
  `%s: check config accepts the same sections as promtool (NARTHEX_SEED=${SEED})`,
  (key, make) => {
    using workplace = new Workplace();
    const texts = new Map<string, string>();
    for (let i = 0; i < FILES; i++) texts.set(nameOfFile(i), textOf(key, make, SEED + i));
    for (const [name, text] of texts) workplace.write(name, text);
    const files = [...texts.keys()];
    const check = ["check", "config", "--syntax-only"];
    const theirs = verdictsOf([join(peers, "promtool"), ...check], workplace.folder, files);
    const ours = verdictsOf([launcher, "promtool", ...check], workplace.folder, files);
    const known = new KnownDifferences<VerdictDifference>(key, RULES, { accepted: 0.15, refused: 0.3 });
    const failures = files.flatMap((file) => {
      const [own, other, text] = [ours.get(file)!, theirs.get(file)!, texts.get(file)!];
      const differences = own.accepted === other.accepted ? [] : [{ ours: own, theirs: other, text }];
      const unexplained = known.compare(differences, [other.accepted ? "accepted" : "refused"]);
      if (!own.accepted && !PLACE.test(own.output)) return [`${file}: no place is named\n${own.output}`];
      return unexplained.map(() => `${file}\npromtool: ${other.output}\nnarthex: ${own.output}\n${text}`);
    });
    known.end(failures);
    expect(failures).toEqual([]);
  },
);

/** Matches the place in the file that a refusal names. */
const PLACE = /\.yml:\d+:\d+: /;

const nameOfFile = (i: number): string => `section-${i}.yml`;
