import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { PointReferences } from "./point-references.ts";

const MINUTE = 60_000;
const ATTRIBUTES = new Uint8Array(100);
const bounds = new Uint8Array(24);

/**
 * Adds a data point with attributes of 100 bytes, and returns its number. `family` identifies its resource, scope and
 * metric.
 */
const pointOf = (references: PointReferences, family: number, layout = 0, width = 1): number =>
  references.point(family, ATTRIBUTES, 0, ATTRIBUTES.length, layout, width);

/** Returns whether known data points are still known in the next request if translations take `bytes` of memory. */
const keepsWith = (bytes: number, prepare: (references: PointReferences) => void): boolean => {
  const references = new PointReferences(new ManualClock(0), 1000);
  references.begin(0);
  prepare(references);
  const size = references.size;
  const isForgotten = references.begin(bytes);
  expect(references.size).toBe(isForgotten ? 0 : size);
  return !isForgotten;
};

test.each<[string, number, (references: PointReferences) => void]>([
  ["nothing", 1000, () => {}],
  // Uses 172 bytes: 64 for the point, 100 for its attributes, 8 for a series reference.
  ["a point", 1000 - 172, (references) => pointOf(references, 1)],
  ["a point twice", 1000 - 172, (references) => [1, 1].map((family) => pointOf(references, family))],
  ["two points", 1000 - 344, (references) => [1, 2].map((family) => pointOf(references, family))],
  [
    "a point of a layout, which is kept, too",
    1000 - 24 - 188,
    (references) => pointOf(references, 1, references.layout(bounds, 0, 24), 3),
  ],
  ["a layout without bounds", 1000, (references) => references.layout(bounds, 24, 24)],
  [
    "a point of which a series is stored",
    1000 + 1024,
    (references) => references.replace(references.firstOf(pointOf(references, 1, 0, 3)) + 1, 7),
  ],
  [
    "a point of which two series are stored, one of them twice, and another point",
    1000 + 2 * 1024 - 172,
    (references) => {
      const first = references.firstOf(pointOf(references, 1, 0, 3));
      pointOf(references, 2);
      for (const place of [0, 1, 1]) references.replace(first + place, 7 + place);
    },
  ],
])("with %s translations may take %i bytes before all is forgotten", (_, bytes, prepare) => {
  expect([keepsWith(bytes, prepare), keepsWith(bytes + 1, prepare)]).toEqual([true, false]);
});

test.each([
  ["half", 25, [1, 2, 3, 4], true],
  ["more than half", 25, [1, 2, 3], false],
  ["more than half for less than twenty minutes", 24, [], true],
])("points are kept where %s of them were silent for %i minutes", async (_, minutes, sent, isKept) => {
  const clock = new ManualClock(0);
  const references = new PointReferences(clock);
  references.begin(0);
  for (let family = 1; family <= 8; family++) pointOf(references, family);
  await clock.advance(4 * MINUTE);
  references.begin(0);
  for (const family of [1, 2, 3, 4]) pointOf(references, family);
  await clock.advance(3 * MINUTE);
  references.begin(0);
  for (const family of sent) pointOf(references, family);
  await clock.advance((minutes - 7) * MINUTE);
  expect(references.begin(0)).toBe(!isKept);
  expect(references.size).toBe(isKept ? 8 : 0);
});
