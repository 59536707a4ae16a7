/** Maximum number of decimals of a label. More decimals would not be readable. */
const MAX_DECIMALS = 6;
const withoutZeros = (text: string): string => text.replace(/(\.\d*?)0+(?!\d)/, "$1").replace(/\.(?!\d)/, "");

/** Returns the unit of an axis label: the text after the number. */
const suffixOf = (text: string): string => text.replace(/^[^\d]*[\d.,]*/, "");

/**
 * Returns the labels of an axis, with as few decimals as needed. Labels with the same unit have equal numbers of
 * decimals.
 */
export function tickTexts(
  ticks: readonly number[],
  format: (value: number, decimals?: number) => string,
): readonly string[] {
  const suffixes = ticks.map((tick) => suffixOf(format(tick, MAX_DECIMALS)));
  const texts = new Map<number, string>();
  for (const suffix of new Set(suffixes)) {
    const alike = ticks.filter((_tick, at) => suffixes[at] === suffix);
    exactTexts(alike, format).forEach((text, at) => texts.set(alike[at]!, text));
  }
  return ticks.map((tick) => texts.get(tick)!);
}

function exactTexts(ticks: readonly number[], format: (value: number, decimals?: number) => string): readonly string[] {
  const exact = ticks.map((tick) => withoutZeros(format(tick, MAX_DECIMALS)));
  for (let decimals = 0; decimals < MAX_DECIMALS; decimals++) {
    const texts = ticks.map((tick) => format(tick, decimals));
    if (texts.every((text, at) => withoutZeros(text) === exact[at])) return texts;
  }
  return ticks.map((tick) => format(tick));
}
