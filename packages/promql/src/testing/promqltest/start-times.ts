import { parseDuration } from "@narthex/model";

/** Distance in ms from the time of a sample to the start time of its counter; undefined if the start is unknown. */
export type StartOffset = number | undefined;

const ITEM = /^([+-]?)(\d+[a-zA-Z]*?)(?:([+-])([+-]?)(\d+[a-zA-Z]*?))?(?:x(\d+))?$/;

/**
 * Parses an `@st` line of a script, which has the start times for the samples of the next line: `_`, `_x3`, `-1m`,
 * `-1mx3`, `-1m+10sx3`, separated by blanks.
 */
export function parseStartOffsets(text: string): StartOffset[] {
  return text
    .split(/\s+/)
    .filter((item) => item !== "")
    .flatMap(parseItem);
}

const signed = (minus: boolean, text: string): number => (minus ? -1 : 1) * parseDuration(text);

function parseItem(item: string): StartOffset[] {
  if (item === "_") return [undefined];
  const gap = /^_x(\d+)$/.exec(item);
  if (gap !== null) return Array.from({ length: Number(gap[1]) }, () => undefined);
  const match = ITEM.exec(item);
  if (match === null) throw new Error(`invalid @st sequence: invalid ST item "${item}"`);
  const [, sign, base, operator, stepSign, step, times] = match;
  const first = signed(sign === "-", base!);
  if (times === undefined) return [first];
  const change = step === undefined ? 0 : signed((operator === "-") !== (stepSign === "-"), step);
  return Array.from({ length: Number(times) + 1 }, (_, i) => first + i * change);
}
