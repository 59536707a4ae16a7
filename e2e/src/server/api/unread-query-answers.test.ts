import { readFileSync } from "node:fs";
import { type ClientRequest, get, type IncomingMessage } from "node:http";
import { Labels } from "@narthex/model";
import { createLogger, systemClock } from "@narthex/runtime";
import { createSampleBatch } from "@narthex/storage";
import { openTsdb } from "@narthex/tsdb";
import { expect, test } from "vitest";
import { countingTarget } from "../../support/counting-target.ts";
import { eventually } from "../../support/eventually.ts";
import { instant } from "../../support/query.ts";
import { serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

const MIB = 1024 * 1024;
const SERIES = 1300;
const CLIENTS = 20;
const ACCOUNT_MB = 400;

/** Writes one sample of each test series into a data folder. Resolves with the time of the samples, ms. */
async function fill(dir: string): Promise<number> {
  const logger = createLogger({ level: "error", format: "logfmt", clock: systemClock, write: () => {} });
  const db = await openTsdb(dir, { clock: systemClock, logger });
  const batch = createSampleBatch(SERIES);
  const now = Math.floor(systemClock.now() / 1000) * 1000;
  const appender = db.appendable.appender();
  for (let i = 0; i < SERIES; i++) {
    batch.refs[i] = appender.series(Labels.of({ __name__: "m", i: String(i) }));
    batch.timestamps[i] = now;
    batch.values[i] = i / 7;
  }
  batch.count = SERIES;
  appender.append(batch);
  await appender.commit();
  await db.close();
  return now;
}

/** Returns the anonymous memory (not backed by files) of a process, in bytes. */
const memoryOf = (pid: number): number =>
  Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) * 1024;

/** Sends a request, and reads only the head of the response. The body stays unread, as with a slow client. */
async function requestUnread(url: string, requests: ClientRequest[]): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false }, (response) => {
      response.pause();
      resolve(response);
    });
    requests.push(request);
    request.once("error", reject);
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return text;
}

test("clients that do not read answers of 500 MB hold at most the budget, and not forever; no scrape is missed", async () => {
  using workplace = new Workplace();
  await using target = await countingTarget("scrapes_total", 100);
  const now = await fill(workplace.path("data"));
  const config = `global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n- job_name: t\n  static_configs: [{targets: ['127.0.0.1:${target.port}']}]\n`;
  const flags = [`--query.max-memory=${ACCOUNT_MB}MB`, "--query.timeout=100s", "--web.enable-own-metrics"];
  await using server = await serve("narthex", workplace, "data", { config, flags });
  const { base, running } = server;
  const pid = running.child.pid!;
  // A query with a large result: each row has 11,001 points of about 36 bytes.
  const query = new URLSearchParams({
    query: "m + 0.1",
    start: String(now / 1000),
    end: String(now / 1000 + 11),
    step: "0.001",
  }).toString();
  await eventually("scrapes", async () => {
    const [scrapes] = await instant(base, "count_over_time(up[1m])");
    expect(Number(scrapes?.value[1])).toBeGreaterThan(2);
  });
  const idle = memoryOf(pid);
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, memoryOf(pid))), 50);
  const account = async (): Promise<number> => {
    const page = await (await fetch(`${base}/metrics`)).text();
    return Number(/^narthex_query_memory_bytes (\S+)$/m.exec(page)![1]);
  };
  const requests: ClientRequest[] = [];
  const unread = Array.from({ length: CLIENTS }, () => requestUnread(`${base}/api/v1/query_range?${query}`, requests));
  const answers = await Promise.all(unread);
  const statuses = answers.map(({ statusCode }) => statusCode);
  expect(statuses).toContain(200);
  const refused = answers.filter(({ statusCode }) => statusCode !== 200);
  expect(refused.length).toBeGreaterThan(CLIENTS / 2);
  for (const response of refused) {
    expect(response.statusCode).toBe(422);
    expect(JSON.parse(await textOf(response))).toEqual({
      status: "error",
      errorType: "execution",
      error: expect.stringMatching(/would hold .* of the 400 MiB they may; raise --query\.max-memory/) as string,
    });
  }
  // The memory that the server counts for responses. A later check limits the memory of the whole process.
  const held = await account();
  expect(held).toBeGreaterThan(ACCOUNT_MB * 1e5);
  expect(held).toBeLessThanOrEqual(ACCOUNT_MB * 1e6);
  // Small queries, listings and rules must work while the large responses are not read.
  expect(await instant(base, "count(m)")).toHaveLength(1);
  clearInterval(watch);
  console.info(
    `${statuses.filter((status) => status === 200).length} answers, ${Math.round((most - idle) / MIB)} MiB beyond the idle ${Math.round(idle / MIB)} MiB`,
  );
  // Clients that do not read must not hold the memory forever. Later clients ask until one of the first is
  // disconnected, because the first ones are not disconnected while there is enough memory.
  const askLater = async (): Promise<void> => {
    const later = await requestUnread(`${base}/api/v1/query_range?${query}`, requests);
    if (later.statusCode !== 200) throw new Error(await textOf(later));
  };
  const cut = /Disconnected a client that does not read its answer: queries needed more memory than allowed/;
  await eventually("a client that does not read is disconnected", async () => {
    await askLater();
    if (!cut.test(running.output)) throw new Error(running.output);
  });
  await eventually("who comes later is answered", askLater);
  for (const request of requests) request.destroy();
  await eventually("the account is free", async () => expect(await account()).toBeLessThan(2 * MIB));
  const window = "[2m]";
  const [missed] = await instant(base, `count_over_time(up${window}) - sum_over_time(up${window})`);
  expect(Number(missed!.value[1])).toBe(0);
});
