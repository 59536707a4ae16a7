import { SharedMemory } from "@narthex/store/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DocumentIndex } from "./document-index.ts";
import { Documents } from "./documents.ts";

interface Thing {
  readonly colors: readonly string[];
}

const step = fc.record({
  instance: fc.nat(1),
  key: fc.constantFrom("1", "2", "3", "4"),
  colors: fc.option(fc.array(fc.constantFrom("red", "green", "blue"), { maxLength: 3 }), { nil: undefined }),
  fails: fc.boolean(),
});

test("an index finds the same documents as a search through all of them, also after refused changes and changes of other instances", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const database = new SharedMemory();
      const instances = await Promise.all(
        [1, 2].map(async () => {
          const store = database.open();
          const documents = await Documents.open<Thing>(store, "things");
          return { store, documents, index: new DocumentIndex(documents, ({ colors }: Thing) => colors) };
        }),
      );
      for (const { instance, key, colors, fails } of steps) {
        const { store, documents } = instances[instance]!;
        if (fails) store.refuse("disk full");
        await documents.update(key, () => colors && { colors }).catch(() => undefined);
        store.refuse(undefined);
      }
      for (const { documents, index } of instances) {
        for (const color of ["red", "green", "blue"]) {
          const scanned = [...documents.values()].filter(({ colors }) => colors.includes(color));
          expect(new Set(index.of(color))).toEqual(new Set(scanned));
          expect(index.of(color)).toHaveLength(scanned.length);
          expect(index.first(color)).toBe(index.of(color)[0]);
        }
        expect(index.size).toBe(new Set([...documents.values()].flatMap(({ colors }) => colors)).size);
      }
    }),
  );
});

test("a change of a document calls followers once, whatever the number of other documents", async () => {
  const documents = await Documents.open<Thing>(new SharedMemory().open(), "things");
  const put = new Map(Array.from({ length: 1000 }, (_, i) => [String(i), { colors: ["red"] }]));
  await documents.change(() => ({ put, result: undefined }));
  const seen: unknown[] = [];
  documents.follow((before, after) => seen.push([before?.colors, after?.colors]));
  expect(seen).toHaveLength(1000);
  await documents.update("7", () => ({ colors: ["blue"] }));
  await documents.remove("8");
  await documents.update("new", () => ({ colors: [] }));
  expect(seen.slice(1000)).toEqual([
    [["red"], ["blue"]],
    [["red"], undefined],
    [undefined, []],
  ]);
});

test("a document keeps its place in the list of a key when it changes, and callers may keep a list", async () => {
  const documents = await Documents.open<Thing>(new SharedMemory().open(), "things");
  const index = new DocumentIndex(documents, ({ colors }: Thing) => colors);
  for (const key of ["a", "b"]) await documents.update(key, () => ({ colors: ["red", key, key] }));
  const kept = index.of("red");
  await documents.update("a", () => ({ colors: ["red", "c"] }));
  expect(index.of("red").map(({ colors }) => colors[1])).toEqual(["c", "b"]);
  expect([kept.length, index.of("a"), index.of("c").length]).toEqual([2, [], 1]);
  await documents.remove("a");
  expect(kept).toHaveLength(2);
  expect(index.of("red")).toHaveLength(1);
});
