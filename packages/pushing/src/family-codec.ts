import type { FamilySample } from "@narthex/exposition";
import type { FloatHistogram } from "@narthex/model";
import type { PushedFamily } from "./pushed-family.ts";

/** JSON knows no NaN, no infinities and no -0: those go as text. */
type Number_ = number | string;

const encodeNumber = (value: number): Number_ =>
  Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? "-0" : String(value);

type Sample = readonly [suffix: string, labels: readonly string[], value: Number_, native?: Native];

type Native = Omit<FloatHistogram, "positiveBuckets" | "negativeBuckets" | "sum" | "count" | "customBounds"> & {
  readonly positive: readonly Number_[];
  readonly negative: readonly Number_[];
  readonly total: readonly [count: Number_, sum: Number_];
};

/** A pushed family as JSON; `decodeFamily` reads it back to the same. */
export function encodeFamily(family: PushedFamily): string {
  return JSON.stringify({
    ...family,
    metrics: family.metrics.map(({ labels, samples }) => ({ labels, samples: samples.map(encodeSample) })),
  });
}

function encodeSample({ suffix, labels, value, histogram }: FamilySample): Sample {
  const plain = [suffix, labels, encodeNumber(value)] as const;
  return histogram === undefined ? plain : [...plain, encodeNative(histogram)];
}

function encodeNative(histogram: FloatHistogram): Native {
  const { positiveBuckets, negativeBuckets, sum, count, customBounds: _, ...rest } = histogram;
  return {
    ...rest,
    positive: [...positiveBuckets].map(encodeNumber),
    negative: [...negativeBuckets].map(encodeNumber),
    total: [encodeNumber(count), encodeNumber(sum)],
  };
}

/** Reads what `encodeFamily` wrote. */
export function decodeFamily(text: string): PushedFamily {
  const family = JSON.parse(text) as Omit<PushedFamily, "metrics"> & {
    readonly metrics: readonly { readonly labels: readonly string[]; readonly samples: readonly Sample[] }[];
  };
  return {
    ...family,
    help: family.help,
    metrics: family.metrics.map(({ labels, samples }) => ({ labels, samples: samples.map(decodeSample) })),
  };
}

function decodeSample([suffix, labels, value, native]: Sample): FamilySample {
  const sample = { suffix, labels, value: Number(value) };
  return native === undefined ? sample : { ...sample, histogram: decodeNative(native) };
}

function decodeNative({ positive, negative, total: [count, sum], ...rest }: Native): FloatHistogram {
  return {
    ...rest,
    count: Number(count),
    sum: Number(sum),
    customBounds: undefined,
    positiveBuckets: Float64Array.from(positive, Number),
    negativeBuckets: Float64Array.from(negative, Number),
  };
}
