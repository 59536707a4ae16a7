import type { CounterResetHint, FloatHistogram } from "@narthex/model";

const RESET_EVERY = 20;

/** Returns a histogram that fills one bucket after the other as `round` increases, with regular resets. */
export function growing(round: number, integer: boolean): FloatHistogram {
  const step = (round % RESET_EVERY) + 1;
  const scale = integer ? 1 : 1.25;
  const width = 1 + Math.floor(step / 4);
  const positive = Float64Array.from({ length: width + 1 }, (_, i) => (step * (i + 1) + (i % 2)) * scale);
  const negative = Float64Array.of(step * scale);
  const total = [...positive, ...negative].reduce((sum, count) => sum + count, 0);
  const resetHint: CounterResetHint = "unknown";
  return {
    resetHint,
    schema: 3,
    zeroThreshold: 2 ** -128,
    zeroCount: step * scale,
    count: total + step * scale,
    sum: step * 12.5 + 0.1,
    positiveSpans: [
      { offset: -2, length: width },
      { offset: 5, length: 1 },
    ],
    positiveBuckets: positive,
    negativeSpans: [{ offset: 1, length: 1 }],
    negativeBuckets: negative,
    customBounds: undefined,
    integer,
  };
}
