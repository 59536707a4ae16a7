import { Labels, Matcher, matchesAll } from "@narthex/model";
import { seededRandom } from "@narthex/runtime";
import { testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { type Silence, silenceState } from "./silence.ts";
import { SilenceTable } from "./silence-table.ts";

const MATCHERS = [
  new Matcher("=", "a", "1"),
  new Matcher("=", "a", "2"),
  new Matcher("=", "b", ""),
  new Matcher("!=", "a", "1"),
  new Matcher("=~", "b", "1|2"),
  new Matcher("!~", "c", "1.*"),
];

test("active() returns the same silences as a check of every silence, after any changes", () => {
  const first = testSeed();
  for (let seed = first; seed < first + 30; seed++) {
    const random = seededRandom(seed);
    const roll = (sides: number): number => Math.floor(random() * sides);
    const table = new SilenceTable();
    const plain = new Map<string, Silence>();
    const sets = Array.from({ length: 12 }, () =>
      Labels.of({ a: String(roll(3)), b: roll(2) === 0 ? "" : String(roll(3)), c: `1${roll(3)}` }),
    );
    for (let now = 0; now < 300; now++) {
      const id = `s${roll(20)}`;
      if (roll(4) === 0) {
        table.delete(id);
        plain.delete(id);
      } else if (roll(2) === 0) {
        const matchers = MATCHERS.filter(() => roll(3) === 0);
        const startsAt = now + roll(20) - 10;
        const silence = { id, matchers, startsAt, endsAt: startsAt + roll(30) } as unknown as Silence;
        table.set(id, silence);
        plain.set(id, silence);
      }
      const labels = sets[roll(sets.length)]!;
      const expected = [...plain.values()]
        .filter((silence) => silenceState(silence, now) === "active" && matchesAll(silence.matchers, labels))
        .map((silence) => silence.id)
        .sort();
      expect(table.active(labels, now), `seed ${seed} at ${now}`).toEqual(expected);
    }
  }
});

test("for a label set that was checked before, only changed silences are checked", () => {
  const table = new SilenceTable();
  const silence = (id: string, value: string): Silence =>
    ({ id, matchers: [new Matcher("=", "a", value)], startsAt: 0, endsAt: 100 }) as unknown as Silence;
  for (let i = 0; i < 100; i++) table.set(String(i), silence(String(i), String(i)));
  const labels = Labels.of({ a: "7" });
  expect(table.active(labels, 1)).toEqual(["7"]);
  expect(table.counts.scanned).toBe(1);
  table.set("x", silence("x", "7"));
  expect(table.active(labels, 1)).toEqual(["7", "x"]);
  expect(table.active(labels, 1)).toEqual(["7", "x"]);
  expect(table.counts.scanned).toBe(2);
});
