import { compareBytewise, isLegacyLabelName, quote } from "@narthex/model";

/** Label pairs, sorted by name. Pairs with empty values are included. */
export type Pairs = readonly (readonly [name: string, text: string])[];

export interface ShownAlert {
  readonly labels: Pairs;
  readonly annotations: Pairs;
}

export const sortedPairs = (source: Iterable<readonly [string, string]>): Pairs =>
  [...source].sort(([a], [b]) => compareBytewise(a, b));

function comparePairs(a: Pairs, b: Pairs): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compareBytewise(a[i]![0], b[i]![0]) || compareBytewise(a[i]![1], b[i]![1]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

export const compareAlerts = (a: ShownAlert, b: ShownAlert): number =>
  comparePairs(a.labels, b.labels) || comparePairs(a.annotations, b.annotations);

const pairsText = (pairs: Pairs): string =>
  `{${pairs.map(([name, text]) => `${isLegacyLabelName(name) ? name : quote(name)}=${quote(text)}`).join(", ")}}`;

/** Formats alerts as promtool prints them under `exp:` and `got:`. */
export function alertsText(alerts: readonly ShownAlert[]): string {
  if (alerts.length === 0) return "[]";
  const pad = " ".repeat(12);
  const entries = alerts.map(
    ({ labels, annotations }, i) =>
      `${pad}${i}:\n${pad}  Labels:${pairsText(labels)}\n${pad}  Annotations:${pairsText(annotations)}`,
  );
  return `[\n${entries.join(",\n")}\n${pad}]`;
}
