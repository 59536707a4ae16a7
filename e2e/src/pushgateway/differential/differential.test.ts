import { existsSync } from "node:fs";
import { join } from "node:path";
import { testCases, testSeed } from "@narthex/runtime/testing";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { Random } from "../../support/random.ts";
import { differencesOf, failsAlike, groupsText, isOfMixedTypes, pushedText } from "./comparison.ts";
import { type Answered, Gateway } from "./gateway.ts";
import { type KnownDifference, KnownDifferences } from "../../support/known-differences.ts";
import { type AnswerDifference, KNOWN, LAST_COMPARABLE } from "./known-differences.ts";
import { type GatewayRequest, requestSequence } from "./requests.ts";
import { lacks, peers } from "../../support/requirements.ts";

// The commands without which this test is skipped. The test sends random sequences of requests to both gateways, and
// compares each response and the stored state after each sequence. `NARTHEX_SEED` selects the sequences,
// `NARTHEX_SEQUENCES` their number.
const absent = lacks("peers") || !existsSync(join(peers, "prometheus-pushgateway"));
const COUNT = Number(process.env["NARTHEX_SEQUENCES"] ?? testCases(120, 300));
const SETTINGS: readonly { readonly name: string; readonly flags: readonly string[]; readonly share: number }[] = [
  { name: "default", flags: [], share: 0.4 },
  { name: "UTF-8 names", flags: ["--push.enable-utf8-names"], share: 0.3 },
  { name: "no check", flags: ["--push.disable-consistency-check"], share: 0.2 },
  {
    name: "UTF-8 names, no check",
    flags: ["--push.enable-utf8-names", "--push.disable-consistency-check"],
    share: 0.1,
  },
];
const ACCEPTS = [
  "",
  "",
  "text/plain;version=0.0.4;escaping=allow-utf-8",
  "text/plain;escaping=values",
  "text/plain;escaping=dots",
];
const seed = testSeed();
/** Minimum shares of accepted and of refused requests among the random requests. */
const CONTENTS = { accepted: 0.35, refused: 0.1 };

test.skipIf(absent).for(SETTINGS.map((setting, i) => ({ ...setting, i })))(
  "random requests get the original's answers, and leave the same state: $name",
  async ({ name, flags, share, i }) => {
    process.stdout.write(`NARTHEX_SEED=${seed}\n`);
    const all = [...flags, "--web.enable-admin-api"];
    await using ours = await Gateway.start("ours", all);
    await using theirs = await Gateway.start("theirs", all);
    const known = new KnownDifferences<AnswerDifference>(
      `pushgateway, ${name}`,
      [...KNOWN, ...LAST_COMPARABLE],
      CONTENTS,
    );
    const found: string[] = [];
    const uncounted: string[] = [];
    for (let sequence = 0; sequence < Math.ceil(COUNT * share) && found.length < 10; sequence++) {
      const random = new Random(seed * 1_000_003 + i * 100_000 + sequence);
      const requests = requestSequence(
        random,
        flags.includes("--push.enable-utf8-names"),
        !flags.includes("--push.disable-consistency-check"),
      );
      const differences: string[] = [];
      let last: KnownDifference<AnswerDifference> | undefined;
      for (const request of requests) {
        if (request.path.endsWith("/admin/wipe")) await caughtUp(ours, theirs);
        const answers = { request, ours: await ours.send(request), theirs: await theirs.send(request) };
        if (answers.theirs.status === 0) uncounted.push(countedAs(answers));
        last = LAST_COMPARABLE.find(({ applies }) => applies(answers));
        if (last !== undefined) {
          known.count([last]);
          break;
        }
        differences.push(...differencesOf(known, answers));
      }
      await caughtUp(ours, theirs);
      if (last === undefined) differences.push(...(await stateDifferences(ours, theirs, random)));
      if (differences.length > 0)
        found.push([`sequence ${sequence}`, ...differences, ...requests.map(shown)].join("\n"));
      for (const gateway of [ours, theirs]) {
        await gateway.send({ method: "PUT", path: "/api/v1/admin/wipe", headers: {}, body: undefined });
      }
    }
    known.end(found);
    expect(await counted(ours, uncounted)).toEqual(await counted(theirs));
  },
);

/**
 * Waits until the original Pushgateway has stored the pushes that it accepted. With the consistency check disabled, it
 * answers a push before it stores it, and a wipe deletes only stored groups. Gives up after 20 attempts, because the
 * later comparison reports a difference.
 */
async function caughtUp(ours: Gateway, theirs: Gateway): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    const [mine, other] = [await ours.get("/api/v1/metrics"), await theirs.get("/api/v1/metrics")];
    if (mine.status !== 200 || other.status !== 200 || groupsText(mine.body) === groupsText(other.body)) return;
    await pause(5);
  }
}

/**
 * Resolves with a Pushgateway's counters of requests that push, delete or wipe. Other requests are left out, because
 * some of them were sent to only one gateway. The counters are reduced by the `uncounted` requests, because the
 * original Pushgateway does not count a request in which it panics.
 */
async function counted(gateway: Gateway, uncounted: readonly string[] = []): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const line of (await gateway.get("/metrics")).body.split("\n")) {
    const [, labels, count] =
      /^pushgateway_http_requests_total\{(.*handler="(?:push|delete|wipe)".*)\} (.*)/.exec(line) ?? [];
    if (labels !== undefined) counts.set(labels, Number(count));
  }
  for (const labels of uncounted) counts.set(labels, counts.get(labels)! - 1);
  return counts;
}

/** Returns the labels of the counter that counts a push. */
const countedAs = ({ request, ours }: AnswerDifference): string =>
  `code="${ours.status}",handler="push",method="${request.method.toLowerCase()}"`;

/** Compares the stored groups of our Pushgateway and the original Pushgateway, as their answers show them. */
async function stateDifferences(ours: Gateway, theirs: Gateway, random: Random): Promise<string[]> {
  const differences: string[] = [];
  const accept = random.pick(ACCEPTS);
  const mine = await ours.get("/metrics", accept);
  let other = await theirs.get("/metrics", accept);
  // The scrape is repeated, because the original Pushgateway uses the type of a random group if two groups have
  // different types for a name.
  for (let tries = 0; tries < 20 && mine.status === 200 && isOfMixedTypes(other); tries++)
    other = await theirs.get("/metrics", accept);
  if (mine.status === 500 && other.status === 500) {
    // Only the kind of failure is compared, because the original Pushgateway reports all errors and ours only the
    // first.
    if (!failsAlike(mine.body, other.body))
      differences.push(`failed scrape\n  ours   ${mine.body}\n  theirs ${other.body}`);
  } else {
    compare(
      differences,
      `/metrics as ${accept}`,
      `${mine.status}\n${pushedText(mine.body)}`,
      `${other.status}\n${pushedText(other.body)}`,
    );
    compare(differences, "content type", String(mine.headers["content-type"]), String(other.headers["content-type"]));
  }
  const api: readonly Answered[] = [await ours.get("/api/v1/metrics"), await theirs.get("/api/v1/metrics")];
  const [first, second] = api.map(({ status, body }) => (status === 200 ? groupsText(body) : String(status)));
  // The API is not compared if the original Pushgateway panics. This happens for native histograms with fewer buckets
  // than their spans require.
  if (api[1]!.status !== 0) compare(differences, "/api/v1/metrics", first!, second!);
  return differences;
}

function compare(differences: string[], what: string, ours: string, theirs: string): void {
  if (ours === theirs) return;
  const [mine, other] = [new Set(ours.split("\n")), new Set(theirs.split("\n"))];
  const alone = [
    ...[...mine].filter((line) => !other.has(line)).map((line) => `  ours   ${line}`),
    ...[...other].filter((line) => !mine.has(line)).map((line) => `  theirs ${line}`),
  ];
  if (alone.length === 0 && valuesOf(ours) === valuesOf(theirs)) return;
  differences.push([what, ...(alone.length > 0 ? alone : [`  order\n${ours}\n  theirs\n${theirs}`])].join("\n"));
}

/** Removes the names of labels. If two lines differ only in these names, their order is random. */
const valuesOf = (text: string): string =>
  text.replaceAll(/([{,])(?:"[^"]*"|[^=",{]+)=/g, "$1").replaceAll(/ \S+$/gm, "");

function shown({ method, path, headers, body }: GatewayRequest): string {
  const content = body === undefined ? "" : ` ${JSON.stringify(Buffer.from(body).toString("latin1"))}`;
  return `${method} ${path} ${JSON.stringify(headers)}${content}`;
}
