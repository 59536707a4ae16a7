import { Labels, Matcher } from "@narthex/model";
import { type Appendable, createSampleBatch, OUTCOME_OK, type Queryable, SampleColumns } from "@narthex/storage";

/** A sample, with the name of its series. */
export type NamedRow = readonly [name: string, time: number, value: number];
/** A sample, with the name or the labels of its series. */
export type Row = NamedRow | readonly [labels: Labels, time: number, value: number];

/** A head, or a database with a property for appends. */
type Target = Appendable | { readonly appendable: Appendable };
/** A head, or a database with a property for queries. */
type Source = Queryable | { readonly queryable: Queryable };

export async function commitRows(target: Target, rows: readonly Row[]): Promise<number[]> {
  const app = ("appendable" in target ? target.appendable : target).appender();
  const batch = createSampleBatch(rows.length);
  for (const [series, time, value] of rows) {
    batch.refs[batch.count] = app.series(typeof series === "string" ? Labels.of({ __name__: series }) : series);
    batch.timestamps[batch.count] = time;
    batch.values[batch.count++] = value;
  }
  app.append(batch);
  await app.commit();
  return [...batch.outcomes.subarray(0, batch.count)];
}

/** Appends rows in one commit. Throws if a sample is refused. */
export async function appendRows(target: Target, rows: readonly Row[]): Promise<void> {
  const outcomes = await commitRows(target, rows);
  const refused = outcomes.findIndex((outcome) => outcome !== OUTCOME_OK);
  if (refused >= 0) throw new Error(`the sample ${String(rows[refused])} was refused: outcome ${outcomes[refused]}`);
}

/**
 * Returns the samples of the series with this name, or of all series, sorted by series and time. The value of a
 * histogram is its count.
 */
export async function readRows(source: Source, name?: string): Promise<NamedRow[]> {
  const querier = ("queryable" in source ? source.queryable : source).querier(-Infinity, Infinity);
  const matcher = name === undefined ? new Matcher("=~", "__name__", ".+") : new Matcher("=", "__name__", name);
  try {
    const set = await querier.select([matcher], { start: -Infinity, end: Infinity });
    const into = new SampleColumns();
    return set.labels.flatMap((labels, index) => {
      set.read(index, -Infinity, Infinity, into);
      return Array.from({ length: into.count }, (_, i): NamedRow => [
        labels.get("__name__"),
        into.timestamps[i]!,
        into.histograms?.[i]?.count ?? into.values[i]!,
      ]);
    });
  } finally {
    querier.close();
  }
}

/** Returns the times of the samples of the series with this name. */
export const timesOf = async (source: Source, name: string): Promise<number[]> =>
  (await readRows(source, name)).map(([, time]) => time);

/** Returns the times from `from` to below `to` at a distance of `step`. */
export const timesBetween = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);
