import { DataError, type InstantResult, type StoredData } from "@narthex/rule-lint";
import { callApi, seconds } from "../api-call.ts";
import { type ApiClient, ServerError } from "../server-client.ts";

interface Answer {
  readonly resultType: string;
  readonly result: unknown;
  readonly stats?: { readonly samples?: { readonly totalQueryableSamples?: number } };
}

interface AnsweredSeries {
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

/**
 * Returns access to the stored series of a server through the query API, which Prometheus has too. A query that the
 * server refuses is a DataError, so that only the check is skipped. If the server does not answer, ServerError is thrown.
 */
export function serverData(server: ApiClient): StoredData {
  const query = async (path: string, form: Record<string, string>): Promise<Answer> => {
    try {
      const { data } = await callApi(server, path, new URLSearchParams(form));
      return data as Answer;
    } catch (cause) {
      if (cause instanceof ServerError && isRefusal(cause)) throw new DataError(cause.message, { cause });
      throw cause;
    }
  };
  let types: Promise<ReadonlyMap<string, readonly string[]>> | undefined;
  return {
    async instant(expression, time) {
      return instantOf(await query("/api/v1/query", { query: expression, time: seconds(time), stats: "true" }));
    },
    async lastResult(expression, start, end, step) {
      const range = { start: seconds(start), end: seconds(end), step: seconds(step) };
      const { result } = await query("/api/v1/query_range", { query: expression, ...range });
      const times = (result as readonly AnsweredSeries[]).flatMap(({ values = [] }) =>
        values.slice(-1).map(([at]) => at),
      );
      return times.length === 0 ? undefined : times.reduce((a, b) => Math.max(a, b)) * 1000;
    },
    async metricTypes(metric) {
      types ??= metadataOf(server);
      const all = await types;
      return all.get(metric) ?? all.get(familyOf(metric)) ?? [];
    },
  };
}

/** Reports whether a server has answered that it refuses the query, and not failed. */
const isRefusal = ({ message }: ServerError): boolean => /^(?:bad_data|execution|canceled|timeout): /.test(message);

function instantOf({ resultType, result, stats }: Answer): InstantResult {
  const values =
    resultType === "scalar"
      ? [Number((result as readonly [number, string])[1])]
      : (result as readonly AnsweredSeries[]).flatMap(({ value }) => (value === undefined ? [] : [goNumber(value[1])]));
  const series = resultType === "scalar" ? 1 : (result as readonly unknown[]).length;
  const greatest = values.length === 0 ? undefined : values.reduce((a, b) => Math.max(a, b));
  return { series, greatest, samplesRead: stats?.samples?.totalQueryableSamples ?? 0 };
}

const goNumber = (text: string): number => Number(text.replace("Inf", "Infinity"));

/** Returns the name of the metric family of a series: without `_bucket`, `_count` and `_sum`. */
const familyOf = (metric: string): string => metric.replace(/_(?:bucket|count|sum)$/, "");

async function metadataOf(server: ApiClient): Promise<ReadonlyMap<string, readonly string[]>> {
  const answer = await server.get("/api/v1/metadata");
  const { status, data } = JSON.parse(answer.body) as { status?: string; data?: Record<string, { type?: string }[]> };
  if (status !== "success" || data === undefined) return new Map();
  return new Map(
    Object.entries(data).map(([metric, list]) => [metric, [...new Set(list.map(({ type = "" }) => type))]]),
  );
}
