import fc from "fast-check";
import { expect, test } from "vitest";
import { Labels } from "./labels.ts";
import { LabelsBuilder } from "./labels-builder.ts";

/** Label names from a small set of names, so that random changes often affect existing labels. */
const name = fc.integer({ min: 0, max: 80 }).map((n) => `l${n}`);
const value = fc.constantFrom("", "1", "2");
const change = fc.oneof(
  fc.record({ name, value }),
  fc.integer({ min: 2, max: 9 }).map((divisor) => ({ divisor })),
);

test("LabelsBuilder changes small and large sets like a map", () =>
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 80 }), fc.array(change, { maxLength: 60 }), (size, changes) => {
      const base = Labels.of(Array.from({ length: size }, (_, i) => [`l${i}`, "base"] as const));
      const builder = new LabelsBuilder(base);
      const expected = new Map<string, string>(base);
      for (const one of changes) {
        if ("divisor" in one) {
          const keeps = (label: string): boolean => Number(label.slice(1)) % one.divisor !== 0;
          builder.keep(keeps);
          for (const label of expected.keys()) if (!keeps(label)) expected.delete(label);
        } else {
          builder.set(one.name, one.value);
          expected.set(one.name, one.value);
        }
        for (let i = 0; i <= 80; i++) expect(builder.get(`l${i}`)).toBe(expected.get(`l${i}`) ?? "");
      }
      expect(builder.labels().key).toBe(Labels.of(expected).key);
    }),
  ));

// Sets a million labels. If each call of set() searched all labels, this test would take hours.
test("LabelsBuilder sets a million labels without searching all of them for each", () => {
  const builder = new LabelsBuilder();
  for (let i = 0; i < 1_000_000; i++) builder.set(`l${i}`, "1");
  expect(builder.labels().size).toBe(1_000_000);
});
