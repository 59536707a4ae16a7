import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { ours, theirProgram, theirs } from "./exporters.ts";
import { differences, familyLines, type FamilyLines } from "./family-lines.ts";
import { expectedText, FLAGS, LEFT_OUT, unpackTree } from "./golden-run.ts";
import { Workplace } from "../support/workplace.ts";

const conformance = process.env["NARTHEX_CONFORMANCE"];

/** What an exporter prints for the recorded host. */
async function run(start: typeof ours): Promise<FamilyLines> {
  using place = new Workplace();
  unpackTree(conformance!, place.folder);
  await using exporter = await start(FLAGS, place.folder);
  return familyLines(await exporter.metrics(), LEFT_OUT);
}

const filtered = (lines: FamilyLines, isWanted: (name: string) => boolean): FamilyLines =>
  new Map([...lines].filter(([name]) => isWanted(name)));

test.skipIf(conformance === undefined)(
  "the recorded host is printed line by line as it should be (NARTHEX_CONFORMANCE)",
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

/** Lines in which 1.12, which we print as, differs from 1.11, which we are compared with. */
const CHANGED_IN_1_12: readonly RegExp[] = [
  // Several chips of one device are told apart by their names.
  /^node_hwmon_\w+\{chip="(?:ieee80211_phy0|platform_asus_nb_wmi)/,
  /^(?:# \w+ )?node_dmmultipath_/,
  // Texts that say something.
  /^# HELP node_ksmd_/,
  // Debian's exporter has it on by default, and no D-Bus is there to ask.
  /^node_scrape_collector_success\{collector="systemd"\}/,
];

test.skipIf(conformance === undefined || !existsSync(theirProgram))(
  "what the real exporter prints for the recorded host is printed in the same lines (NARTHEX_CONFORMANCE)",
  async () => {
    const [found, printed] = [await run(ours), await run(theirs)];
    const inFile = familyLines(expectedText(conformance!), LEFT_OUT);
    const compared = filtered(printed, (name) => !inFile.has(name));
    const mine = filtered(found, (name) => !inFile.has(name));
    const different = differences(compared, mine);
    expect(different.filter((line) => !CHANGED_IN_1_12.some((changed) => changed.test(line.slice(2))))).toEqual([]);
  },
);
