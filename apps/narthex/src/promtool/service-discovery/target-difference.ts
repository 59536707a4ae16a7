import { compareBytewise, quote } from "@narthex/model";

type LabelRecord = Readonly<Record<string, string>>;

/** Labels of a job's targets by the URL that is scraped. Several targets can have one URL and different labels. */
export type TargetsByUrl = ReadonlyMap<string, readonly LabelRecord[]>;

interface Difference {
  readonly url: string;
  /** Undefined if the target is new. */
  readonly before: LabelRecord | undefined;
  /** Undefined if the target is gone. */
  readonly after: LabelRecord | undefined;
}

/**
 * Returns the lines that show how the targets of one job change: one line for the job, and lines for each target that
 * is new (`+`), is gone (`-`) or changes its labels (`~`).
 * @param before undefined if the job is new
 * @param after undefined if the job is removed
 */
export function differenceLines(
  job: string,
  before: TargetsByUrl | undefined,
  after: TargetsByUrl | undefined,
  limit: number,
): readonly string[] {
  const { differences, same } = compare(before ?? new Map(), after ?? new Map());
  const news = before === undefined ? " (new job)" : after === undefined ? " (removed job)" : "";
  const count = (is: (difference: Difference) => boolean): number => differences.filter(is).length;
  const counts = [
    [count((one) => one.before === undefined), "new"],
    [count((one) => one.after === undefined), "gone"],
    [count((one) => one.before !== undefined && one.after !== undefined), "changed"],
    [same, "unchanged"],
  ] as const;
  const summary = counts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  const shown = limit === 0 ? differences : differences.slice(0, limit);
  const rest = differences.length - shown.length;
  return [
    `${job}${news}: ${summary.length === 0 ? "no targets" : summary.join(", ")}\n`,
    ...shown.flatMap(targetLines),
    ...(rest > 0 ? [`  … and ${rest} more (--limit=0 lists all)\n`] : []),
  ];
}

function compare(before: TargetsByUrl, after: TargetsByUrl): { differences: readonly Difference[]; same: number } {
  const differences: Difference[] = [];
  let same = 0;
  for (const url of [...new Set([...before.keys(), ...after.keys()])].sort(compareBytewise)) {
    const earlier = byText(before.get(url));
    const later = byText(after.get(url));
    const left = [...earlier.keys()].filter((text) => !later.has(text));
    const news = [...later.keys()].filter((text) => !earlier.has(text));
    same += earlier.size - left.length;
    // Targets of one URL are paired in their order: labels that differ are shown as a change.
    for (let i = 0; i < Math.max(left.length, news.length); i++)
      differences.push({ url, before: earlier.get(left[i] ?? ""), after: later.get(news[i] ?? "") });
  }
  return { differences, same };
}

/** Returns the targets of one URL by the text of their labels. A target that occurs twice is scraped once. */
const byText = (targets: readonly LabelRecord[] = []): ReadonlyMap<string, LabelRecord> =>
  new Map(targets.map((labels) => [labelText(labels), labels]));

function targetLines({ url, before, after }: Difference): readonly string[] {
  if (before === undefined) return [`  + ${url} ${labelText(after!)}\n`];
  if (after === undefined) return [`  - ${url} ${labelText(before)}\n`];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(compareBytewise);
  const changed = names.filter((name) => before[name] !== after[name]);
  return [`  ~ ${url}\n`, ...changed.map((name) => `      ${labelChange(name, before[name], after[name])}\n`)];
}

function labelChange(name: string, before: string | undefined, after: string | undefined): string {
  if (before === undefined) return `+ ${name}=${quote(after!)}`;
  return after === undefined ? `- ${name}=${quote(before)}` : `~ ${name}=${quote(before)} -> ${quote(after)}`;
}

const labelText = (labels: LabelRecord): string =>
  `{${Object.keys(labels)
    .sort(compareBytewise)
    .map((name) => `${name}=${quote(labels[name]!)}`)
    .join(", ")}}`;
