import { type ChainSeries, seriesOfPath } from "./chain-series.ts";

/** Number of metric families of the written series. */
const FAMILIES = 40;

/** Samples that were found at the end of a chain of programs. */
export interface ChainContents {
  /** One byte per expected sample, series by series: 1 if the sample is stored. */
  readonly present: Uint8Array;
  /** Number of samples with a time or a value that was never sent. */
  readonly wrong: number;
  /** Number of samples that have the same time as the previous sample of their series. */
  readonly twice: number;
  /** Number of samples that follow a sample of their series with a later time. */
  readonly late: number;
}

interface Matrix {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly values: readonly (readonly [seconds: number, value: string])[];
    }[];
  };
}

interface Vector {
  readonly data: { readonly result: readonly { readonly value: readonly [seconds: number, value: string] }[] };
}

/** Reads all stored samples from the last program of a chain, metric family by metric family. */
export async function chainContents(base: string, chain: ChainSeries): Promise<ChainContents> {
  const { series, rounds } = chain;
  const present = new Uint8Array(series * rounds);
  let [wrong, twice, late] = [0, 0, 0];
  for (let family = 0; family < Math.min(FAMILIES, series); family++) {
    const query = `http_requests_${family}_total[${rounds + 60}s]`;
    const { data } = (await postQuery(base, "query", { query, time: String(chain.end / 1000) })) as Matrix;
    for (const { metric, values } of data.result) {
      const number = seriesOfPath(metric["path"]!);
      let before = -Infinity;
      for (const [seconds, text] of values) {
        const time = Math.round(seconds * 1000);
        const round = chain.roundAt(time);
        if (time === before) twice++;
        else if (time < before) late++;
        before = time;
        const isSent = Number.isInteger(round) && round >= 0 && round < rounds && number < series;
        if (!isSent || Number(text) !== chain.valueOf(number, time)) wrong++;
        else present[number * rounds + round] = 1;
      }
    }
  }
  return { present, wrong, twice, late };
}

/** The comparison queries have no range windows, because servers differ in whether a window includes its bounds. */
const QUERIES = [
  "sum({__name__=~'http_requests_.*'})",
  "count by (code) ({__name__=~'http_requests_.*'})",
  "max by (code) (http_requests_7_total) - min by (code) (http_requests_7_total)",
  "topk(3, http_requests_11_total)",
  "http_requests_3_total > 50000",
  "avg(http_requests_1_total) + stddev(http_requests_2_total)",
];

/** Returns the queries for which the two servers give different answers. Compares the rounds from `since` on. */
export async function disagreements(
  one: string,
  other: string,
  chain: ChainSeries,
  since: number,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const query of QUERIES) {
    const start = String(chain.begin / 1000 + since);
    const parameters = { query, start, end: String(chain.end / 1000), step: "1" };
    try {
      const [a, b] = await Promise.all([one, other].map((base) => postQuery(base, "query_range", parameters)));
      if (normal(a as Matrix) !== normal(b as Matrix)) found.push(query);
    } catch (error) {
      // A failed query is reported as a difference instead of an error: the counts before took minutes and must not be
      // lost.
      found.push(String(error));
    }
  }
  return found;
}

/** Returns the single value of an instant query; 0 if the result is empty. */
export async function numberAt(base: string, query: string, seconds: number): Promise<number> {
  const { data } = (await postQuery(base, "query", { query, time: String(seconds) })) as Vector;
  return Number(data.result[0]?.value[1] ?? 0);
}

/** Number of digits to compare: servers add floats in different orders. */
const SIGNIFICANT_DIGITS = 9;

const normal = ({ data }: Matrix): string =>
  JSON.stringify(
    data.result
      .map(({ metric, values }) => [
        JSON.stringify(Object.entries(metric).toSorted()),
        values.map(([time, value]) => `${time} ${Number(value).toPrecision(SIGNIFICANT_DIGITS)}`).join(" "),
      ])
      .toSorted(),
  );

async function postQuery(base: string, path: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
  const body = new URLSearchParams(parameters);
  const response = await fetch(`${base}/api/v1/${path}`, { method: "POST", body });
  if (!response.ok) throw new Error(`${base}: ${parameters["query"]}: ${(await response.text()).slice(0, 300)}`);
  return response.json();
}
