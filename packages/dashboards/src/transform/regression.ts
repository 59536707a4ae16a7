import { compileFieldMatcher } from "../field/field-matcher.ts";
import { asNumbers, numericColumn } from "../frame/column.ts";
import type { Field, Frame, NumericField } from "../frame/frame.ts";
import type { Options } from "./options.ts";
import { fitPolynomial } from "./polynomial-fit.ts";
import { TransformationError, type TransformationKind } from "./transformation.ts";

const MAX_PREDICTIONS = 10_000;
const MAX_DEGREE = 10;

interface Axes {
  readonly x: NumericField;
  readonly y: NumericField;
}

function axesOf(frames: readonly Frame[], options: Options): Axes | undefined {
  const find = (frame: Frame, key: string): Field | undefined => {
    const isWanted = compileFieldMatcher({ id: "byName", options: options.text(key) ?? "" }, frames)!;
    return frame.fields.find((field) => isWanted(field, frame));
  };
  for (const frame of frames) {
    const y = find(frame, "yFieldName");
    if (y === undefined) continue;
    const x = find(frame, "xFieldName");
    if (x === undefined) throw new TransformationError("choose columns of the same frame for X and Y");
    return { x: asNumbers(x), y: asNumbers(y) };
  }
  return undefined;
}

function predicted({ x, y }: Axes, model: string, degree: number, count: number): Frame | undefined {
  const xs: number[] = [];
  const ys: number[] = [];
  for (let row = 0; row < x.values.length; row++) {
    if (x.nulls?.[row] === 1 || y.nulls?.[row] === 1 || !Number.isFinite(x.values[row]! + y.values[row]!)) continue;
    xs.push(x.values[row]!);
    ys.push(y.values[row]!);
  }
  if (xs.length === 0) return undefined;
  const predict = fitPolynomial(xs, ys, model === "linear" ? 1 : degree);
  let [least, greatest] = [Infinity, -Infinity];
  for (const one of xs) [least, greatest] = [Math.min(least, one), Math.max(greatest, one)];
  const points = Float64Array.from({ length: count }, (_, i) =>
    i === count - 1 ? greatest : least + (i * (greatest - least)) / count,
  );
  return {
    name: `${model} regression`,
    length: count,
    fields: [
      numericColumn({ name: x.name }, x.type, points),
      numericColumn({ name: `${y.name} predicted` }, "number", points.map(predict)),
    ],
  };
}

export const regression: TransformationKind = {
  id: "regression",
  name: "Regression analysis",
  description: "Add the line or the polynomial that is closest to the values",
  defaultOptions: { predictionCount: 100, modelType: "linear", degree: 2 },
  apply: (frames, options, run) => {
    const model = options.text("modelType") ?? "linear";
    if (model !== "linear" && model !== "polynomial") return frames;
    const axes = axesOf(frames, options);
    if (axes === undefined) return frames;
    const count = Math.min(MAX_PREDICTIONS, Math.max(1, Math.trunc(options.number("predictionCount") ?? 100)));
    const degree = Math.min(MAX_DEGREE, Math.max(1, Math.trunc(options.number("degree") ?? 2)));
    run.claim(2 * count, 2);
    const frame = predicted(axes, model, degree, count);
    return frame === undefined ? frames : [...frames, frame];
  },
};
