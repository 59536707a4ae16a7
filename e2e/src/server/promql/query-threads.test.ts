import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { api } from "../../support/query.ts";
import { serve, type Served } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

/** A query that runs for a minute and reads no series. */
const LONG = Array.from({ length: 60 }, (_, i) => `max_over_time(vector(time())[20000s:1ms] offset ${i}s)`).join(" + ");

interface Active {
  readonly query: string;
  readonly lane: string;
  readonly state: string;
}

const start = (workplace: Workplace): Promise<Served> => serve("narthex", workplace, "data", { config: "", flags: [] });

const active = (base: string): Promise<readonly Active[]> => api<readonly Active[]>(base, "status/active_queries", {});

/** Sends a query, and waits until it runs. */
async function sendQuery(base: string, signal?: AbortSignal): Promise<{ readonly answer: Promise<string> }> {
  const body = new URLSearchParams({ query: LONG });
  const request = fetch(`${base}/api/v1/query`, { method: "POST", body, ...(signal === undefined ? {} : { signal }) });
  const answer = request.then((response) => response.text()).catch((error: unknown) => String(error));
  await eventually("the query runs", async () => expect((await active(base))[0]?.state).toBe("running"));
  return { answer };
}

const writtenDown = (workplace: Workplace): string => readFileSync(workplace.path("data/queries.active"), "utf8");

test("a long query is listed, delays no other request, ends with its client, and is logged after a crash", async () => {
  using workplace = new Workplace();
  {
    await using server = await start(workplace);
    const { base } = server;
    const client = new AbortController();
    const { answer } = await sendQuery(base, client.signal);
    expect(await active(base)).toEqual([
      { query: LONG, lane: "queries", state: "running", startTime: expect.any(String) },
    ]);
    expect(await api(base, "query", { query: "1", time: "5" })).toEqual({ resultType: "scalar", result: [5, "1"] });
    await eventually("it is written down", async () =>
      expect(writtenDown(workplace)).toContain('[{"query":"max_over_time('),
    );
    client.abort();
    expect(await answer).toContain("AbortError");
    await eventually("the query ends", async () => expect(await active(base)).toEqual([]));
    expect(server.running.output).not.toContain("didn't finish");
    const { answer: lost } = await sendQuery(base);
    await eventually("it is written down", async () =>
      expect(writtenDown(workplace)).toContain('[{"query":"max_over_time('),
    );
    server.running.kill("SIGKILL");
    await server.running.ended;
    await lost;
  }
  await using again = await start(workplace);
  await again.running.printed(/These queries didn't finish in prometheus' last run:.*max_over_time\(vector/);
});

interface Job {
  readonly id: string;
  readonly samples: number;
}

const jobs = (base: string): Promise<{ readonly queries: readonly Job[] }> =>
  api<{ readonly queries: readonly Job[] }>(base, "narthex/queries", {});

test("an administrator can cancel a query by its number, and its client gets the answer for a disconnect", async () => {
  using workplace = new Workplace();
  await using server = await serve("narthex", workplace, "data", { config: "", flags: ["--web.enable-admin-api"] });
  await using plain = await serve("narthex", workplace, "other", { config: "", flags: [] });
  const { base } = server;
  const { answer } = await sendQuery(base);
  const [job] = (await jobs(base)).queries;
  expect(job).toMatchObject({
    query: LONG,
    kind: "query",
    lane: "queries",
    state: "running",
    thread: "queries 1",
    startTime: expect.stringMatching(/^\d{4}-/),
    duration: expect.any(Number),
    httpRequest: { clientIP: "127.0.0.1", method: "POST", path: "/api/v1/query" },
  });
  const cancel = async (at: string, method: string, path: string): Promise<readonly [number, unknown]> => {
    const response = await fetch(`${at}/api/v1/narthex/queries/${path}`, { method });
    return [response.status, await response.json()];
  };
  const refused = { status: "error", errorType: "unavailable", error: "admin APIs disabled" };
  expect(await cancel(plain.base, "DELETE", "1")).toEqual([500, refused]);
  const unknown = { status: "error", errorType: "not_found", error: 'no query "99" waits or runs' };
  expect(await cancel(base, "POST", "99/cancel")).toEqual([404, unknown]);
  expect(await cancel(base, "DELETE", job!.id)).toEqual([200, { status: "success", data: { id: job!.id } }]);
  const error = "query was canceled in expression evaluation";
  expect(JSON.parse(await answer)).toEqual({ status: "error", errorType: "canceled", error });
  expect((await jobs(base)).queries).toEqual([]);
});

test("a server that stops cancels its queries first", async () => {
  using workplace = new Workplace();
  await using server = await start(workplace);
  const { answer } = await sendQuery(server.base);
  server.running.kill("SIGTERM");
  expect(await answer).toContain("query was canceled: the server is shutting down");
  expect(await server.running.ended).toEqual({ code: 0, signal: null });
  expect(server.running.output).not.toContain("did not stop in time");
});
