import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { api } from "../../support/query.ts";
import { serve, type Served } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

/** Takes a minute, and needs no series. */
const LONG = Array.from({ length: 60 }, (_, i) => `max_over_time(vector(time())[20000s:1ms] offset ${i}s)`).join(" + ");

interface Active {
  readonly query: string;
  readonly lane: string;
  readonly state: string;
}

const start = (place: Workplace): Promise<Served> => serve("narthex", place, "data", { config: "", flags: [] });

const active = (base: string): Promise<readonly Active[]> => api<readonly Active[]>(base, "status/active_queries", {});

/** Asks, and waits until the query runs. */
async function ask(base: string, signal?: AbortSignal): Promise<{ readonly answer: Promise<string> }> {
  const body = new URLSearchParams({ query: LONG });
  const request = fetch(`${base}/api/v1/query`, { method: "POST", body, ...(signal === undefined ? {} : { signal }) });
  const answer = request.then((response) => response.text()).catch((error: unknown) => String(error));
  await eventually("the query runs", async () => expect((await active(base))[0]?.state).toBe("running"));
  return { answer };
}

test("a long query is listed, holds up nobody, ends with its client, and is told of after a crash", async () => {
  using place = new Workplace();
  {
    await using server = await start(place);
    const { base } = server;
    const client = new AbortController();
    const { answer } = await ask(base, client.signal);
    expect(await active(base)).toEqual([
      { query: LONG, lane: "queries", state: "running", startTime: expect.any(String) },
    ]);
    expect(await api(base, "query", { query: "1", time: "5" })).toEqual({ resultType: "scalar", result: [5, "1"] });
    expect(readFileSync(place.path("data/queries.active"), "utf8")).toContain('[{"query":"max_over_time(');
    client.abort();
    expect(await answer).toContain("AbortError");
    await eventually("the query ends", async () => expect(await active(base)).toEqual([]));
    expect(server.running.output).not.toContain("didn't finish");
    const { answer: lost } = await ask(base);
    server.running.kill("SIGKILL");
    await server.running.ended;
    await lost;
  }
  await using again = await start(place);
  await again.running.printed(/These queries didn't finish in prometheus' last run:.*max_over_time\(vector/);
});

test("a server that is told to stop ends its queries first", async () => {
  using place = new Workplace();
  await using server = await start(place);
  const { answer } = await ask(server.base);
  server.running.kill("SIGTERM");
  expect(await answer).toContain("query was canceled: the server is shutting down");
  expect(await server.running.ended).toEqual({ code: 0, signal: null });
  expect(server.running.output).not.toContain("did not stop in time");
});
