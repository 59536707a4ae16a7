import fc from "fast-check";
import { expect, test } from "vitest";
import { BINARY_REFERENCES, joined, keyOf, type PlainMatching } from "../testing/reference/operator-references.ts";
import {
  comparable,
  evaluate,
  isHistogram,
  type Plain,
  type PlainElement,
  type PlainSeries,
  storageOf,
  withoutName,
} from "../testing/reference/plain.ts";
import { elementsAt, GRID, metric, perStep } from "../testing/reference/scene.ts";

const COMPARISONS = new Set(["==", "!=", "<", "<=", ">", ">="]);
const KEEPS_NAME = new Set([...COMPARISONS, "</", ">/"]);

const matchings: fc.Arbitrary<PlainMatching> = fc
  .record({
    on: fc.boolean(),
    labels: fc.subarray(["a", "b"]),
    grouped: fc.boolean(),
    manyRight: fc.boolean(),
    include: fc.subarray(["b"]),
    fillLeft: fc.constantFrom(undefined, undefined, 3),
    fillRight: fc.constantFrom(undefined, undefined, -2),
    bool: fc.boolean(),
  })
  .map(({ fillLeft, fillRight, include, manyRight, ...rest }) => ({
    ...rest,
    manyRight: rest.grouped && manyRight,
    // Leaves out a label that is used for matching, because such a label cannot be a label of group_left.
    include: rest.grouped && !rest.labels.includes("b") && rest.on ? include : [],
    ...(fillLeft === undefined ? {} : { fillLeft }),
    ...(fillRight === undefined ? {} : { fillRight }),
  }));

function textOf(op: string, matching: PlainMatching): string {
  const { on, labels, grouped, manyRight, include, fillLeft, fillRight, bool } = matching;
  const parts = ["m", op];
  if (bool) parts.push("bool");
  parts.push(`${on ? "on" : "ignoring"} (${labels.join(", ")})`);
  if (grouped) parts.push(`group_${manyRight === true ? "right" : "left"} (${include.join(", ")})`);
  if (fillLeft !== undefined) parts.push(`fill_left(${fillLeft})`);
  if (fillRight !== undefined) parts.push(`fill_right(${fillRight})`);
  return [...parts, "n"].join(" ");
}

/** Returns whether two elements at the same time have the same labels, which makes a query fail. */
const collides = (elements: readonly PlainElement[]): boolean =>
  Object.keys(comparable(elements) as object).length < elements.length;

test.each(Object.keys(BINARY_REFERENCES))("vector %s vector has the same result as trying every pair", (op) =>
  fc.assert(
    fc.asyncProperty(metric("m"), metric("n"), matchings, async (left, right, drawn) => {
      const matching = { ...drawn, bool: drawn.bool && COMPARISONS.has(op) };
      const expected = perStep((time) => joined(op, elementsAt(left, time), elementsAt(right, time), matching));
      const found = await evaluate(await storageOf([...left, ...right]), textOf(op, matching), GRID).catch(
        (error: Error) => error.message,
      );
      if (expected.some((step) => step === undefined || collides(step))) expect(found).toBeTypeOf("string");
      else if (typeof found === "string") throw new Error(found);
      else expect(found.map(comparable)).toEqual(expected.map((step) => comparable(step!)));
    }),
    { numRuns: 120 },
  ),
);

const scalars = fc.constantFrom(0, 1, -1.5, 2, 7, NaN, Infinity);

/**
 * Reference implementation: applies a binary operator to an element and a number. The number is on the left side if
 * `left`, otherwise on the right.
 */
function withScalar(op: string, element: PlainElement, scalar: number, left: boolean, bool: boolean): PlainElement[] {
  const { value } = element;
  const result = left ? BINARY_REFERENCES[op]!(scalar, value) : BINARY_REFERENCES[op]!(value, scalar);
  const labels = KEEPS_NAME.has(op) && !bool ? element.labels : withoutName(element.labels);
  if (typeof result !== "boolean") return result === undefined ? [] : [{ labels, value: result }];
  if (bool) return [{ labels, value: Number(result) }];
  return result ? [element] : [];
}

test.each(["+", "/", ">", "=="])("a %s over metrics of several names has the same result as trying every pair", (op) =>
  fc.assert(
    fc.asyncProperty(metric("m"), metric("n"), metric("k"), matchings, async (m, n, k, drawn) => {
      const matching = { ...drawn, bool: drawn.bool && COMPARISONS.has(op) };
      const text = `{__name__=~"m|k"} ${textOf(op, matching).slice("m ".length)}`;
      const expected = perStep((time) => joined(op, elementsAt([...m, ...k], time), elementsAt(n, time), matching));
      const found = await evaluate(await storageOf([...m, ...n, ...k]), text, GRID).catch(
        (error: Error) => error.message,
      );
      if (expected.some((step) => step === undefined || collides(step))) expect(found).toBeTypeOf("string");
      else if (typeof found === "string") throw new Error(found);
      else expect(found.map(comparable)).toEqual(expected.map((step) => comparable(step!)));
    }),
    { numRuns: 120 },
  ),
);

test.each(Object.keys(BINARY_REFERENCES))(
  "vector %s scalar, and scalar before vector, have the same results as computing each element",
  (op) =>
    fc.assert(
      fc.asyncProperty(metric("m"), scalars, fc.boolean(), fc.boolean(), async (all, scalar, left, drawn) => {
        const bool = drawn && COMPARISONS.has(op);
        const operator = `${op} ${bool ? "bool" : ""}`;
        const number = `(${scalar})`.replace("Infinity", "Inf");
        const text = left ? `${number} ${operator} m` : `m ${operator} ${number}`;
        const found = await evaluate(await storageOf(all), text, GRID);
        const expected = perStep((time) =>
          elementsAt(all, time).flatMap((element) => withScalar(op, element, scalar, left, bool)),
        );
        expect(found.map(comparable)).toEqual(expected.map(comparable));
      }),
      { numRuns: 60 },
    ),
);

test.each(Object.keys(BINARY_REFERENCES).filter((op) => !op.includes("/") || op === "/"))(
  "scalar %s scalar has the same result as the operation on two numbers",
  (op) =>
    fc.assert(
      fc.asyncProperty(scalars, async (scalar) => {
        const number = `(${scalar})`.replace("Infinity", "Inf");
        const text = `vector(${number} ${op} ${COMPARISONS.has(op) ? "bool" : ""} time())`;
        const found = await evaluate(await storageOf([]), text, GRID);
        const expected = perStep((time): PlainElement[] => [
          { labels: {}, value: Number(BINARY_REFERENCES[op]!(scalar, time / 1000)) },
        ]);
        expect(found.map(comparable)).toEqual(expected.map(comparable));
      }),
      { numRuns: 20 },
    ),
);

test.each(["and", "or", "unless"])("%s has the same result as searching each element's group on the other side", (op) =>
  fc.assert(
    fc.asyncProperty(
      metric("m"),
      metric("n"),
      fc.boolean(),
      fc.subarray(["a", "b"]),
      async (left, right, on, labels) => {
        const matching = { on, labels, grouped: false, include: [], bool: false };
        const found = await evaluate(
          await storageOf([...left, ...right]),
          `m ${op} ${on ? "on" : "ignoring"} (${labels.join(", ")}) n`,
          GRID,
        );
        const expected = perStep((time) => {
          const [ours, theirs] = [elementsAt(left, time), elementsAt(right, time)];
          const has = (elements: PlainElement[], one: PlainElement): boolean =>
            elements.some((other) => keyOf(other, matching) === keyOf(one, matching));
          if (op === "or") return [...ours, ...theirs.filter((one) => !has(ours, one))];
          return ours.filter((one) => has(theirs, one) === (op === "and"));
        });
        expect(found.map(comparable)).toEqual(expected.map(comparable));
      },
    ),
    { numRuns: 60 },
  ),
);

test.each<[string, (value: Plain) => Plain]>([
  ["-m", (value) => (isHistogram(value) ? { buckets: value.buckets.map((count) => -count), sum: -value.sum } : -value)],
  ["+m", (value) => value],
])("%s agrees with each element", (text, sign) =>
  fc.assert(
    fc.asyncProperty(metric("m"), async (all) => {
      const found = await evaluate(await storageOf(all), text, GRID);
      const expected = perStep((time) =>
        elementsAt(all, time).map(({ labels, value }) => ({
          labels: text === "-m" ? withoutName(labels) : labels,
          value: sign(value),
        })),
      );
      expect(found.map(comparable)).toEqual(expected.map(comparable));
    }),
    { numRuns: 40 },
  ),
);

test.each(["==", "*"])(
  "m %s: it is an error if one series gets a label by include and then equals another series that has the label itself",
  async (op) => {
    const series = (labels: Record<string, string>): PlainSeries => ({
      labels,
      samples: Array.from({ length: GRID.count }, (_, step) => ({ time: step * GRID.step, value: 1 })),
    });
    const all = [
      series({ __name__: "m", a: "1" }),
      series({ __name__: "m", a: "1", b: "1" }),
      series({ __name__: "n", b: "1" }),
    ];
    const text = `m ${op} on () group_left (b) n`;
    await expect(evaluate(await storageOf(all), text, GRID)).rejects.toThrow(
      "grouping labels must ensure unique matches",
    );
  },
);
