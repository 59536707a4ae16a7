import fc from "fast-check";
import { expect, test } from "vitest";
import { runToEnd } from "@narthex/runtime";
import type { MetricFamily } from "../family.ts";
import { ProtobufPage } from "./protobuf-page.ts";
import { TextPage } from "./text-page.ts";
import { writeProtobuf } from "./write-protobuf.ts";
import { writeText } from "./write-text.ts";

const odd = fc.constantFrom("", "a", 'say "hi"', "back\\slash", "two\nlines", "ümlaut", "日本", "{}=,");
const value = fc.oneof(
  fc.constantFrom(0, -0, 1, 999_999, 1_000_000, -1, -999_999, 0.0001, 1e-5, 1e21, NaN, Infinity, -Infinity, 2 ** 53),
  fc.integer(),
  fc.integer({ min: -1000, max: 1000 }),
  fc.double(),
);
const time = fc.oneof(fc.constant(Number.NaN), fc.integer({ min: 0, max: 2 ** 50 }));

const shape = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom("node_a", "node_b", "node_c_total", "odd.name", "zz"),
    help: fc.option(odd, { nil: undefined }),
    type: fc.constantFrom<MetricFamily["type"][]>("counter", "gauge", "unknown", "summary"),
    samples: fc.array(fc.record({ suffix: fc.constantFrom("", "_sum"), label: odd }), { maxLength: 5 }),
  }),
  { selector: ({ name }) => name },
);

test("a page that is written repeatedly equals the plain writer's text, or its protobuf messages", () => {
  fc.assert(
    fc.property(
      shape,
      fc.array(fc.array(fc.tuple(value, time), { minLength: 25, maxLength: 25 })),
      (shapes, rounds) => {
        let column = 0;
        const laidOut = shapes.map(({ samples, ...family }) => ({
          ...family,
          samples: samples.map(({ suffix, label }) => ({
            suffix,
            labels: ["l", label, "odd one", "x"],
            value: column++,
          })),
        }));
        const page = new TextPage(laidOut);
        const protobuf = new ProtobufPage(laidOut);
        for (const [round, readings] of rounds.entries()) {
          const isTimed = round % 3 === 2;
          const timeOf = (at: number): number | undefined => {
            const ms = readings[at]![1];
            return isTimed && !Number.isNaN(ms) ? ms : undefined;
          };
          const families = laidOut.map((family) => ({
            ...family,
            samples: family.samples.map((sample) => ({
              ...sample,
              value: readings[sample.value]![0],
              timestampMs: timeOf(sample.value),
            })),
          }));
          const times = Float64Array.from(readings, (_, at) => timeOf(at) ?? Number.NaN);
          // Once a page was written with timestamps, all later calls must pass timestamps.
          const given = round >= 2 ? times : undefined;
          expect(
            page
              .write(
                Float64Array.from(readings, ([number]) => number),
                given,
              )
              .toString(),
          ).toBe(writeText(families));
          const columns = Float64Array.from(readings, ([number]) => number);
          const messages = runToEnd(protobuf.writing(columns, given));
          expect(Buffer.from(messages).equals(Buffer.from(writeProtobuf(families)))).toBe(true);
        }
      },
    ),
  );
});

test("a page without a family is empty", () => {
  const page = new TextPage([{ name: "a", help: "", type: "gauge", samples: [] }]);
  expect(page.write(new Float64Array(0)).length).toBe(0);
  expect(runToEnd(new ProtobufPage([]).writing(new Float64Array(0)))).toHaveLength(0);
});
