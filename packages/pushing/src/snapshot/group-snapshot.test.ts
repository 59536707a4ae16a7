import fc from "fast-check";
import { expect, test } from "vitest";
import { sealFamily } from "../metrics/stored-family.ts";
import { plainValue, type ReadFamily } from "../metrics/read-family.ts";
import { GAUGE, VALUE_FIELDS } from "../metrics/metric-type.ts";
import type { PersistedGroup } from "../groups/group-persistence.ts";
import { readSnapshot, SnapshotError, writeSnapshot } from "./group-snapshot.ts";

const word = fc.stringMatching(/^[a-z]{1,8}$/);
const text = fc.string({ unit: "grapheme", maxLength: 200 });

const family = fc
  .record({ help: fc.option(text, { nil: undefined }), value: fc.double(), labels: fc.uniqueArray(word) })
  .map(({ help, value, labels }): Omit<ReadFamily, "name"> => {
    const metric = {
      labels: labels.flatMap((name) => [`l_${name}`, name]),
      value: plainValue(VALUE_FIELDS[GAUGE], value),
    };
    return { help, type: GAUGE, metrics: [metric], isTimed: false };
  });

const groups = fc.uniqueArray(
  fc.record({
    job: word,
    instance: text,
    families: fc.dictionary(word, family, { maxKeys: 3 }),
    pushedAtMs: fc.integer({ min: -(2 ** 43), max: 2 ** 43 }),
  }),
  { selector: ({ job }) => job, maxLength: 5 },
);

/** Returns groups in the stored form, and Pushgateway's persistence file with the same groups. */
function snapshotOf(wanted: typeof groups extends fc.Arbitrary<infer T> ? T : never): {
  file: Uint8Array;
  held: readonly Omit<PersistedGroup, "expiresAtMs">[];
} {
  const made = wanted.map(({ job, instance, families, pushedAtMs }) => {
    const labels = [["instance", instance] as const, ["job", job] as const];
    const read = Object.entries(families).map(([name, one]) => ({ ...one, name }));
    return { labels, pushedAtMs, read };
  });
  const file = writeSnapshot(
    made.map(({ labels, pushedAtMs, read }) => ({
      labels,
      families: new Map(read.map((one) => [one.name, sealFamily(one, labels, pushedAtMs).stored])),
      expiresAtMs: undefined,
    })),
  );
  const held = made.map(({ labels, pushedAtMs, read }) => ({
    labels,
    families: read.map((one) => ({ family: one, pushedAtMs })),
  }));
  return { file, held };
}

/** Returns groups in their stored form, for comparisons. */
const sealed = (all: readonly Pick<PersistedGroup, "labels" | "families">[]): unknown =>
  all.map(({ labels, families }) => ({
    labels,
    families: families.map(({ family: one, pushedAtMs }) => sealFamily(one, labels, pushedAtMs).stored),
  }));

test("readSnapshot() returns the groups that writeSnapshot() wrote", () =>
  fc.assert(
    fc.property(groups, (wanted) => {
      const { file, held } = snapshotOf(wanted);
      expect(sealed(readSnapshot(file))).toEqual(sealed(held));
    }),
  ));

const SMALL = snapshotOf([
  {
    job: "j",
    instance: "é",
    families: {
      m: { help: "Some.", type: GAUGE, metrics: [{ labels: [], value: plainValue(2, 1.5) }], isTimed: false },
    },
    pushedAtMs: 1_700_000_000_123,
  },
]).file;

test("readSnapshot() refuses every truncated file", () => {
  for (let end = 0; end < SMALL.length; end++)
    expect(() => readSnapshot(SMALL.subarray(0, end)), String(end)).toThrow(SnapshotError);
});

test("readSnapshot() reads a file with a changed byte or reports its error", () => {
  let refused = 0;
  for (let at = 0; at < SMALL.length; at++) {
    for (const value of [0, 1, 2, 0x7f, 0x80, 0xf8, 0xff, SMALL[at]! ^ 1]) {
      const changed = Uint8Array.from(SMALL);
      changed[at] = value;
      try {
        readSnapshot(changed);
      } catch (error) {
        expect(error, `byte ${at} is ${value}`).toBeInstanceOf(SnapshotError);
        refused++;
      }
    }
  }
  expect(refused).toBeGreaterThan(SMALL.length);
});
