import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { testCases, testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { BREAKABLE, type Breakable, type DamageKind, DAMAGES } from "./cases.ts";
import { ours, theirProgram, theirs } from "../exporters.ts";
import { differences, familyLines } from "../family-lines.ts";
import { LEFT_OUT, unpackTree } from "../golden-run.ts";
import { Workplace } from "../../support/workplace.ts";

const conformance = process.env["NARTHEX_CONFORMANCE"];
const ROUNDS = testCases(100, 250);

interface Damage {
  readonly collector: string;
  readonly file: string;
  readonly kind: DamageKind;
}

/**
 * Returns the regular files at a path of the recorded /proc and /sys tree. Does not follow links, because some of them
 * form cycles.
 */
function filesAt(folder: string, place: string): string[] {
  if (statSync(join(folder, place)).isFile()) return [place];
  return readdirSync(join(folder, place), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .flatMap(({ name }) => filesAt(folder, `${place}/${name}`));
}

function damages(folder: string, { collector, paths, kinds, spared }: Breakable): fc.Arbitrary<Damage> {
  const files = paths.flatMap((place) => filesAt(folder, place)).filter((file) => spared?.test(file) !== true);
  return fc.record({
    collector: fc.constant(collector),
    file: fc.constantFrom(...files),
    kind: fc.constantFrom(...kinds),
  });
}

/** Damages a file of the recorded /proc and /sys tree. Disposing of the returned object restores the file. */
function broken(folder: string, { file, kind }: Damage): Disposable {
  const path = join(folder, file);
  const whole = readFileSync(path);
  const content = DAMAGES[kind](whole.toString());
  if (content === undefined) rmSync(path);
  else writeFileSync(path, content);
  return { [Symbol.dispose]: () => writeFileSync(path, whole) };
}

test.skipIf(conformance === undefined || !existsSync(theirProgram))(
  "a collector of storage or hardware treats a damaged file as the real exporter does (NARTHEX_CONFORMANCE)",
  async () => {
    const seed = testSeed();
    using workplace = new Workplace();
    unpackTree(conformance!, workplace.folder);
    const flags = [
      "--path.rootfs=.",
      "--path.procfs=proc",
      "--path.sysfs=sys",
      "--collector.disable-defaults",
      ...BREAKABLE.map(({ collector }) => `--collector.${collector}`),
      "--collector.bcache.priorityStats",
    ];
    await using mine = await ours(flags, workplace.folder);
    await using original = await theirs(flags, workplace.folder);
    const chosen = fc.oneof(...BREAKABLE.map((breakable) => damages(workplace.folder, breakable)));
    const wrong: unknown[] = [];
    for (const damage of fc.sample(chosen, { numRuns: ROUNDS, seed })) {
      using _ = broken(workplace.folder, damage);
      const query = `?collect[]=${damage.collector}`;
      const [wanted, found] = await Promise.all([original.metrics(query), mine.metrics(query)]);
      const lines = differences(familyLines(wanted, LEFT_OUT), familyLines(found, LEFT_OUT));
      if (lines.length > 0) wrong.push({ seed, ...damage, lines: lines.slice(0, 4) });
    }
    expect(wrong).toEqual([]);
  },
);
