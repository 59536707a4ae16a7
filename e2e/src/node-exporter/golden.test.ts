import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { ours, theirProgram, theirs } from "./exporters.ts";
import { differences, familyLines, type FamilyLines } from "./family-lines.ts";
import { expectedText, FLAGS, LEFT_OUT, unpackTree } from "./golden-run.ts";
import { Workplace } from "../support/workplace.ts";

const conformance = process.env["NARTHEX_CONFORMANCE"];

/**
 * Starts an exporter on the recorded /proc and /sys tree and scrapes it. Resolves with the lines of the exposition by
 * metric name.
 */
async function run(start: typeof ours): Promise<FamilyLines> {
  using workplace = new Workplace();
  unpackTree(conformance!, workplace.folder);
  await using exporter = await start(FLAGS, workplace.folder);
  return familyLines(await exporter.metrics(), LEFT_OUT);
}

const filtered = (lines: FamilyLines, isWanted: (name: string) => boolean): FamilyLines =>
  new Map([...lines].filter(([name]) => isWanted(name)));

test.skipIf(conformance === undefined)(
  "the output for the recorded host equals the recording line by line (NARTHEX_CONFORMANCE)",
  async () => {
    const found = await run(ours);
    const expected = familyLines(expectedText(conformance!), LEFT_OUT);
    expect(
      differences(
        expected,
        filtered(found, (name) => expected.has(name)),
      ),
    ).toEqual([]);
  },
);

/**
 * Matches lines of the exposition that node_exporter 1.12 changed. Our exporter prints the lines of 1.12; this test
 * compares with 1.11.
 */
const CHANGED_IN_1_12: readonly RegExp[] = [
  // Since node_exporter 1.12, the chips of one device are distinguished by their names.
  /^node_hwmon_\w+\{chip="(?:ieee80211_phy0|platform_asus_nb_wmi)/,
  /^(?:# \w+ )?node_dmmultipath_/,
  // Help texts that node_exporter 1.12 changed.
  /^# HELP node_ksmd_/,
  // The systemd collector, which Debian's node_exporter enables, fails in this test because there is no D-Bus.
  /^node_scrape_collector_success\{collector="systemd"\}/,
];

test.skipIf(conformance === undefined || !existsSync(theirProgram))(
  "ours prints the real exporter's lines for the recorded host (NARTHEX_CONFORMANCE)",
  async () => {
    const [found, printed] = [await run(ours), await run(theirs)];
    const inFile = familyLines(expectedText(conformance!), LEFT_OUT);
    const compared = filtered(printed, (name) => !inFile.has(name));
    const mine = filtered(found, (name) => !inFile.has(name));
    const different = differences(compared, mine);
    expect(different.filter((line) => !CHANGED_IN_1_12.some((changed) => changed.test(line.slice(2))))).toEqual([]);
  },
);
