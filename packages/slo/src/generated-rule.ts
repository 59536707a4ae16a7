import { formatDuration } from "@narthex/model";
import { type Printable, printYaml } from "@narthex/config";

/** Labels or annotations by name. */
export type Texts = ReadonlyMap<string, string>;

/** A recording or alerting rule that is generated from an objective. */
export interface GeneratedRule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly forMs?: number;
  readonly labels: Texts;
  readonly annotations?: Texts;
}

/** A rule group that is generated from an objective. */
export interface GeneratedGroup {
  readonly name: string;
  /** Evaluation interval, ms. Undefined if the group uses the interval of the server. */
  readonly intervalMs?: number | undefined;
  readonly rules: readonly GeneratedRule[];
}

/** Joins maps of labels or annotations. If two contain the same name, the later one is used. */
export const joined = (...all: readonly Texts[]): Texts => new Map(all.flatMap((texts) => [...texts]));

/** Prints rule groups as a rule file, without the groups that have no rules. */
export const printGroups = (groups: readonly GeneratedGroup[]): string =>
  printYaml({
    entries: [["groups", { items: groups.filter(({ rules }) => rules.length > 0).map(printableGroup) }]],
  });

const printableGroup = ({ name, intervalMs, rules }: GeneratedGroup): Printable => ({
  entries: [
    ["name", name],
    ...(intervalMs === undefined ? [] : [["interval", formatDuration(intervalMs)] as const]),
    ["rules", { items: rules.map(printableRule) }],
  ],
});

function printableRule({ record, alert, expr, forMs, labels, annotations = new Map() }: GeneratedRule): Printable {
  return {
    entries: [
      ...(record === undefined ? [] : [["record", record] as const]),
      ...(alert === undefined ? [] : [["alert", alert] as const]),
      ["expr", expr],
      ...(forMs === undefined ? [] : [["for", formatDuration(forMs)] as const]),
      ...printableTexts("labels", labels),
      ...printableTexts("annotations", annotations),
    ],
  };
}

function printableTexts(key: string, texts: Texts): readonly (readonly [string, Printable])[] {
  if (texts.size === 0) return [];
  return [[key, { entries: [...texts].sort(([a], [b]) => (a < b ? -1 : 1)) }]];
}
