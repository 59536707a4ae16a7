import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../../../support/eventually.ts";
import { lacks, peers } from "../../../support/requirements.ts";
import { narthex, Running } from "../../../support/running.ts";
import { Authority, type Certificates } from "../../../support/certificates.ts";
import { configuration, type Files, jobs } from "./jobs.ts";
import { withoutKnown, withoutRepeats, withoutResolver } from "./known-differences.ts";
import { ContactedServers } from "./contacted-servers.ts";
import { freePort } from "../../../support/ports.ts";
import { Workplace } from "../../../support/workplace.ts";

const absent = lacks("peers");
const SIDES = ["ours", "theirs"] as const;
type Side = (typeof SIDES)[number];

const workplace = new Workplace();
const contacts: Record<Side, ContactedServers> = { ours: new ContactedServers(), theirs: new ContactedServers() };
const bases: Record<Side, string> = { ours: "", theirs: "" };
const cleanups: (() => PromiseLike<unknown> | void)[] = [() => workplace[Symbol.dispose]()];

function certify(): Certificates {
  const authority = new Authority(workplace.folder, "own-ca");
  const other = new Authority(workplace.folder, "other-ca");
  const everywhere = "DNS:localhost,IP:127.0.0.1,IP:::1";
  return {
    authority,
    server: authority.issue({ name: "server", alternatives: everywhere }),
    namesOnly: authority.issue({ name: "names", alternatives: "DNS:a.example,DNS:b.example" }),
    nameless: authority.issue({ name: "old.example" }),
    expired: authority.issue({ name: "expired", alternatives: everywhere, days: -1 }),
    stranger: other.issue({ name: "stranger", alternatives: everywhere }),
  };
}

function writeFiles({ authority, server }: Certificates): Files & { pair: string } {
  const client = authority.issue({ name: "client" });
  const other = new Authority(workplace.folder, "client-ca").issue({ name: "other-client" });
  return {
    ca: workplace.write("ca.pem", authority.pair.cert),
    caText: authority.pair.cert,
    cert: workplace.write("client.pem", client.cert),
    key: workplace.write("client.key", client.key),
    certText: client.cert,
    keyText: client.key,
    otherCert: workplace.write("other.pem", other.cert),
    otherKey: workplace.write("other.key", other.key),
    user: workplace.write("user", "filed user\n"),
    password: workplace.write("password", "filed password\n"),
    token: workplace.write("token", "first-token\n"),
    missing: workplace.path("not-there"),
    pair: workplace.write("pair.pem", server.cert + server.key),
  };
}

let files: ReturnType<typeof writeFiles>;

beforeAll(async () => {
  if (absent) return;
  const certificates = certify();
  files = writeFiles(certificates);
  for (const side of SIDES) {
    cleanups.unshift(() => contacts[side][Symbol.asyncDispose]());
    await contacts[side].open(certificates, files.ca, files.pair);
  }
  // The scraping servers start after the fake servers, which could otherwise get a port that was chosen for a scraping
  // server.
  for (const side of SIDES) {
    const contact = contacts[side];
    const own = await freePort();
    bases[side] = `http://127.0.0.1:${own}`;
    const flags = [
      `--config.file=${workplace.write(`${side}.yml`, configuration(files, contact))}`,
      `--storage.tsdb.path=${workplace.path(side)}`,
      `--web.listen-address=127.0.0.1:${own}`,
    ];
    const proxy = `http://127.0.0.1:${contact.ports.get("proxy")!}`;
    const env = { ...process.env, HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: "environment-excepted.invalid" };
    for (const name of ["http_proxy", "https_proxy", "no_proxy"]) delete (env as NodeJS.ProcessEnv)[name];
    const server =
      side === "ours" ? narthex(["server", ...flags], { env }) : new Running(join(peers, "prometheus"), flags, { env });
    cleanups.unshift(() => server[Symbol.asyncDispose]());
  }
  for (const side of SIDES) {
    await eventually(`${side}: all targets are scraped`, async () => {
      const waiting = [...(await targets(side)).values()].filter(({ health }) => health === "unknown");
      if (waiting.length > 0) throw new Error(`waiting for ${waiting.map(({ scrapePool }) => scrapePool).join()}`);
    });
  }
});

afterAll(async () => {
  for (const cleanup of cleanups) await cleanup();
});

interface Target {
  readonly scrapePool: string;
  readonly health: string;
  readonly lastError: string;
}

/** Targets by job. */
async function targets(side: Side): Promise<Map<string, Target>> {
  const response = await fetch(`${bases[side]}/api/v1/targets?state=active`);
  const { data } = (await response.json()) as { data: { activeTargets: Target[] } };
  if (data.activeTargets.length === 0) throw new Error("no targets yet");
  return new Map(data.activeTargets.map((target) => [target.scrapePool, target]));
}

async function up(side: Side, job: string): Promise<string | undefined> {
  const response = await fetch(`${bases[side]}/api/v1/query?query=${encodeURIComponent(`up{job="${job}"}`)}`);
  const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
  return data.result[0]?.value[1];
}

interface Outcome {
  readonly health: string;
  readonly up: string | undefined;
  readonly error: string;
  readonly requests: readonly unknown[];
}

/** Resolves with all compared results of a scrape job. */
async function outcome(side: Side, job: string): Promise<Outcome> {
  const target = (await targets(side)).get(job)!;
  const error = withoutResolver(contacts[side].neutral(target.lastError).replaceAll(workplace.folder, "<place>"));
  const seen = contacts[side].of(job);
  const requests = (side === "theirs" ? seen.map(withoutRepeats) : seen).map(withoutKnown);
  return { health: target.health, up: await up(side, job), error, requests };
}

/**
 * Reports whether a scrape ended between the two requests of the test: the one for the target's state and the query.
 */
const isTorn = ({ health, up: value }: Outcome): boolean => (health === "up") !== (value === "1");

const isSilent = (job: string): boolean => JSON.stringify(jobs({} as Files)[job]).includes("<silent>");

/**
 * Reports whether a busy machine delayed a scrape. Node's HTTP/2 server disconnects a client that cancelled several
 * requests; the next scrape may be comparable.
 */
const isLate = ({ error }: Outcome): boolean => /deadline exceeded|ENHANCE_YOUR_CALM/.test(error);

/** Waits until the results of a job from both servers can be compared, and resolves with both. */
const outcomes = (job: string): Promise<readonly [ours: Outcome, theirs: Outcome]> =>
  eventually(`${job} can be compared`, async () => {
    const both = [await outcome("ours", job), await outcome("theirs", job)] as const;
    if (both.some(isTorn) || (both.some(isLate) && !(isSilent(job) && both.every(isLate))))
      throw new Error(JSON.stringify(both));
    return both;
  });

const NAMES = Object.keys(jobs({} as Files));

test.skipIf(absent).each(NAMES)(
  "%s: the target receives, and the target's page shows, the same as with Prometheus",
  async (job) => {
    const [ours, theirs] = await outcomes(job);
    expect(ours).toEqual(theirs);
  },
);

// Only our server is tested, because Prometheus 3.5 continues to use the credentials that it read first.
test.skipIf(absent)("changed credentials are sent from the next scrape on", async () => {
  workplace.write("token", "second-token\n");
  for (const job of ["bearer-file", "headers-all"]) {
    await eventually(`${job} sends the second token`, async () => {
      const fields = contacts.ours.latest.get(job)!.fields.join("\n");
      if (!fields.includes("second-token")) throw new Error(fields);
    });
  }
});
