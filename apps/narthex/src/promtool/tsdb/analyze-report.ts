import { formatGoDuration, METRIC_NAME } from "@narthex/model";
import { type Block, SeriesEntry } from "@narthex/tsdb";

/** Options of `analyze`. */
export interface BlockAnalysis {
  readonly matcher: string;
  readonly limit: number;
  /** References of the series to analyse. Undefined means all series. */
  readonly matched: Uint32Array | undefined;
}

/** Statistics of the series with a label pair or a label name. */
interface Tally {
  readonly key: string;
  count: number;
  /** Sum over the counted series of the time, within the block's time range, that the series does not cover, ms. */
  uncovered: number;
}

/** Returns promtool's report on label pairs, churn and cardinality. Entries with equal numbers are sorted by name. */
export function analyzeReport(block: Block, { matcher, limit, matched }: BlockAnalysis): string {
  const { meta } = block;
  const names = new Map<string, Tally>();
  const pairs = new Map<number, Tally>();
  const values = new Map<string, Tally[]>();
  const entry = new SeriesEntry();
  let entries = 0;
  const range = meta.maxTime - meta.minTime;
  for (const ref of matched ?? block.allPostings()) {
    block.series(ref, entry);
    const uncovered = range - (entry.chunkMaxTime[entry.chunkCount - 1]! - entry.chunkMinTime[0]!);
    entries += entry.labelCount;
    for (let i = 0; i < entry.labelCount; i++) {
      const pair = pairOf(block, pairs, values, entry.labels[i * 2]!, entry.labels[i * 2 + 1]!);
      pair.count++;
      pair.uncovered += uncovered;
      const name = block.symbol(entry.labels[i * 2]!);
      const tally = names.get(name) ?? { key: name, count: 0, uncovered: 0 };
      names.set(name, tally);
      tally.uncovered += uncovered;
    }
  }
  const churn = ({ key, uncovered }: Tally): Ranked => ({ key, rank: Math.trunc(uncovered / range) });
  const pairList = [...pairs.values()];
  const perName = (measure: (values: readonly Tally[]) => number): Ranked[] =>
    [...values].map(([key, list]) => ({ key, rank: measure(list) }));
  const nameLength = (name: string) => (list: readonly Tally[]) =>
    list.reduce((sum, { key }) => sum + Buffer.byteLength(key) - Buffer.byteLength(name) - 1, 0);
  const section = (title: string, rows: readonly Ranked[]): string => `\n${title}:\n${ranked(rows, limit)}`;
  return (
    `Block ID: ${meta.ulid}\nDuration: ${formatGoDuration(range)}\nTotal Series: ${meta.stats?.numSeries ?? 0}\n` +
    `${matcher === "" ? "" : `Matcher: ${matcher}\n`}Label names: ${names.size}\n` +
    (matched === undefined ? "" : `Matched series: ${matched.length}\n`) +
    `Postings (unique label pairs): ${pairs.size}\nPostings entries (total label pairs): ${entries}\n` +
    section("Label pairs most involved in churning", pairList.map(churn)) +
    section("Label names most involved in churning", [...names.values()].map(churn)) +
    section(
      "Most common label pairs",
      pairList.map(({ key, count }) => ({ key, rank: count })),
    ) +
    section(
      "Label names with highest cumulative label value length",
      [...values].map(([key, list]) => ({ key, rank: nameLength(key)(list) })),
    ) +
    section(
      "Highest cardinality labels",
      perName((list) => list.length),
    ) +
    section(
      "Highest cardinality metric names",
      (values.get(METRIC_NAME) ?? []).map(({ key, count }) => ({
        key: key.slice(METRIC_NAME.length + 1),
        rank: count,
      })),
    )
  );
}

interface Ranked {
  readonly key: string;
  readonly rank: number;
}

const byKey = (a: Ranked, b: Ranked): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

const ranked = (rows: readonly Ranked[], limit: number): string =>
  rows
    .toSorted((a, b) => b.rank - a.rank || byKey(a, b))
    .slice(0, Math.max(0, limit))
    .map(({ key, rank }) => `${rank} ${key}\n`)
    .join("");

/**
 * Returns the statistics of a label pair, given by the symbol indexes of its name and value. Creates them if necessary.
 */
function pairOf(
  block: Block,
  pairs: Map<number, Tally>,
  values: Map<string, Tally[]>,
  name: number,
  value: number,
): Tally {
  const id = name * block.symbolCount + value;
  const known = pairs.get(id);
  if (known !== undefined) return known;
  const nameText = block.symbol(name);
  const tally: Tally = { key: `${nameText}=${block.symbol(value)}`, count: 0, uncovered: 0 };
  pairs.set(id, tally);
  const list = values.get(nameText);
  if (list === undefined) values.set(nameText, [tally]);
  else list.push(tally);
  return tally;
}
