import fc from "fast-check";
import { expect, test } from "vitest";
import { identityOf, IdentityTable } from "./identity-table.ts";

test("IdentityTable has the same counts as a map, however identities are added and removed", () => {
  const step = fc.record({ name: fc.integer({ min: 0, max: 60 }), isAdded: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 3000 }), (steps) => {
      const table = new IdentityTable();
      const counts = new Map<number, number>();
      // The number of hash values is small, so a lot of identities collide.
      const identity = (name: number) => ({ high: name, low: name & 3 });
      for (const { name, isAdded } of steps) {
        const count = counts.get(name) ?? 0;
        if (isAdded) table.add(identity(name));
        else if (count > 0) table.remove(identity(name));
        counts.set(name, isAdded ? count + 1 : Math.max(0, count - 1));
      }
      for (let name = 0; name <= 60; name++) expect(table.count(identity(name))).toBe(counts.get(name) ?? 0);
      expect(table.repeated).toBe([...counts.values()].filter((count) => count > 1).length);
    }),
  );
});

test("IdentityTable grows", () => {
  const table = new IdentityTable();
  const all = Array.from({ length: 20_000 }, (_, i) => identityOf("m", ["instance", String(i)]));
  for (const identity of all) table.add(identity);
  expect(all.every((identity) => table.count(identity) === 1)).toBe(true);
  expect(table.repeated).toBe(0);
});

test("identityOf() distinguishes texts that differ only in their boundaries", () => {
  const ids = [
    identityOf("a", ["b", "c"]),
    identityOf("ab", ["", "c"]),
    identityOf("a", ["bc", ""]),
    identityOf("a", ["b", "c", "", ""]),
  ];
  expect(new Set(ids.map(({ high, low }) => `${high} ${low}`)).size).toBe(4);
});
