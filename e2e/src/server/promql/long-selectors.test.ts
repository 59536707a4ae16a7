import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { testCases, testSeed } from "@narthex/runtime/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Random } from "../../support/random.ts";
import { untilQuery } from "../../support/query.ts";
import { lacks } from "../../support/requirements.ts";
import { type Kind as Server, serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

const absent = lacks("peers");
const SELECTORS = testCases(5, 8);
/**
 * Lengths in characters of the regular expressions in label matchers. Only one expression has the greatest length,
 * because both servers need a long time for it.
 */
const [SHORTEST, LONG, LONGEST] = [2048, 16_384, 131_072] as const;
const KINDS = ["series", "labels", "values", "query", "federate"] as const;
type Kind = (typeof KINDS)[number];

const cleanups: (() => PromiseLike<unknown> | void)[] = [];
const bases: Record<Server, string> = { narthex: "", prometheus: "" };
const timestampMs = Math.floor(Date.now() / 1000) * 1000;

const ZONES = ["eu-west-1", "us-east-2", "local"];
const PAGE = Array.from(
  { length: 300 },
  (_, i) =>
    `x{host="web-${i}.${ZONES[i % 3]}.example.org",path="${"/a".repeat(i % 7)}/b${i % 11}"} ${i} ${timestampMs}\n`,
).join("");

beforeAll(async () => {
  if (absent) return;
  const workplace = new Workplace();
  cleanups.push(() => workplace[Symbol.dispose]());
  const target = createServer((_, response) => response.writeHead(200, { "content-type": "text/plain" }).end(PAGE));
  await new Promise<void>((resolve) => target.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => {
    target.closeAllConnections();
    target.close();
  });
  const { port } = target.address() as AddressInfo;
  const job = `{job_name: t, static_configs: [{targets: ['127.0.0.1:${port}'], labels: {instance: here}}]}`;
  const config = `global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs: [${job}]\n`;
  for (const kind of ["narthex", "prometheus"] as const) {
    const server = await serve(kind, workplace, kind, { config, flags: [] });
    cleanups.unshift(() => server[Symbol.asyncDispose]());
    bases[kind] = server.base;
    await untilQuery(server.base, "count(x)", (result) => result[0]?.value[1] === "300");
  }
});

afterAll(async () => {
  for (const cleanup of cleanups) await cleanup();
});

/** Generates a random part of a regular expression that matches host names. Some of these host names exist. */
function part(random: Random): string {
  const number = random.below(600);
  return random.pick([
    () => `web-${number}\\.(?:eu|us)-[a-z]+-\\d\\..*`,
    () => `web-${number % 60}\\d\\..+\\.example\\.org`,
    () => `[vw]eb-[0-${number % 10}]{1,2}\\.local.*`,
    () => `(?i:WEB-${number}\\.)[^.]+\\.example\\.org`,
    () => `db-${number}(?:-replica)?\\..*`,
    () => `web-(?:${number}|${number + 1}|${number + 2}[0-9]?)\\..*`,
    () => `w.b-${number}.*\\bexample\\.org`,
    () => `web-${number}.eu-west-1.example.org`,
  ])();
}

/** Generates a random regular expression of about `length` characters. */
function expression(random: Random, length: number): string {
  const parts: string[] = [];
  for (let size = 0; size < length;) {
    const one = part(random);
    parts.push(one);
    size += one.length + 1;
  }
  const all = parts
    .join("|")
    .slice(0, length)
    .replace(/\|[^|]*$/, "");
  return random.pick([all, `(?:${all})`, `(${all})`, `.*(?:${all}).*`]);
}

async function answer(base: string, kind: Kind, selector: string): Promise<unknown> {
  const match = new URLSearchParams({ "match[]": selector });
  const post = (path: string, body: URLSearchParams): Promise<Response> =>
    fetch(`${base}/api/v1/${path}`, { method: "POST", body });
  const response = await {
    series: () => post("series", match),
    labels: () => post("labels", match),
    values: () => fetch(`${base}/api/v1/label/host/values?${match.toString()}`),
    query: () =>
      post("query", new URLSearchParams({ query: `sort_desc(${selector})`, time: String(timestampMs / 1000) })),
    federate: () => fetch(`${base}/federate?${match.toString()}`),
  }[kind]();
  const { status } = response;
  if (kind === "federate") return { status, body: await response.text() };
  const body = (await response.json()) as { data?: unknown[] };
  // Series are sorted before the comparison, because Prometheus lists them in the order of their creation.
  if (kind === "series") body.data = body.data?.map((row) => JSON.stringify(row)).sort() ?? [];
  return { status, body };
}

test.skipIf(absent)(
  "selectors with long regular expressions select the same series as in Prometheus, at all endpoints",
  async () => {
    const seed = testSeed();
    const random = new Random(seed);
    let chosen = 0;
    for (let i = 0; i < SELECTORS; i++) {
      const length = i === 0 ? LONGEST : SHORTEST + random.below(LONG - SHORTEST);
      const selector = `{host${random.pick(["=~", "=~", "!~"])}${JSON.stringify(expression(random, length))},path!=""}`;
      for (const kind of i === 0 ? (["series", "federate"] as const) : KINDS) {
        const [ours, theirs] = await Promise.all([
          answer(bases.narthex, kind, selector),
          answer(bases.prometheus, kind, selector),
        ]);
        expect(ours, `seed ${seed}, ${kind} of ${length} characters: ${selector.slice(0, 300)}`).toEqual(theirs);
        if (kind === "federate" && (ours as { body: string }).body.includes("x{")) chosen++;
      }
    }
    // Checks that some of the random selectors have selected series, because otherwise no results were compared.
    expect(chosen).toBeGreaterThan(1);
  },
);
