import { eventually, Fatal } from "./eventually.ts";

export interface VectorSample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/**
 * Returns the `data` of an API response. Throws the API's error. If the status is 400, throws Fatal, so that
 * eventually() does not repeat the request.
 * @param base the server's URL, with its path prefix
 */
export async function api<T>(base: string, path: string, params: Readonly<Record<string, string>> = {}): Promise<T> {
  const url = new URL(`${base.replace(/\/$/, "")}/api/v1/${path}`);
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
  const response = await fetch(url);
  const body = (await response.json()) as { status: string; data: T; error?: string };
  if (response.status === 400) throw new Fatal(body.error);
  if (body.status !== "success") throw new Error(body.error ?? `status ${response.status}`);
  return body.data;
}

export const instant = async (base: string, query: string, time?: number): Promise<readonly VectorSample[]> =>
  (
    await api<{ result: readonly VectorSample[] }>(base, "query", {
      query,
      ...(time === undefined ? {} : { time: String(time) }),
    })
  ).result;

/** Waits until `accept` returns true for the result of a query. Resolves with this result. */
export function untilQuery(
  base: string,
  query: string,
  accept: (result: readonly VectorSample[]) => boolean,
  limitMs?: number,
): Promise<readonly VectorSample[]> {
  return eventually(
    `query ${query}`,
    async () => {
      const result = await instant(base, query);
      if (!accept(result)) throw new Error(`got ${JSON.stringify(result)}`);
      return result;
    },
    limitMs,
  );
}

/** Waits until a query has a result. Resolves with the value of its first element. */
export async function scalarOf(base: string, query: string): Promise<number> {
  const result = await untilQuery(base, query, (vector) => vector.length > 0);
  return Number(result[0]!.value[1]);
}
