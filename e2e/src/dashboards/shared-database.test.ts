import { expect, test } from "vitest";
import { PostgresServer } from "../support/postgres-server.ts";
import { eventually } from "../support/eventually.ts";
import { type DashboardsInstance, startDashboards } from "../support/dashboards-instance.ts";
import { lacks } from "../support/requirements.ts";
import { Workplace } from "../support/workplace.ts";

interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- answers of all shapes
  readonly json: any;
}

const BOARDS = ["a", "b", "c", "d"];
const ROUNDS = 12;

/**
 * Sends a request as the first user. Resolves with undefined if the dashboards instance was killed before its response.
 */
async function call(base: string, method: string, path: string, body?: unknown): Promise<Answer | undefined> {
  try {
    const response = await fetch(base + path, {
      method,
      headers: { authorization: `Basic ${btoa("admin:secret")}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, json: await response.json() };
  } catch {
    return undefined;
  }
}

/** Records the writes that dashboards instances acknowledged to clients, such as saved dashboards. */
class AcknowledgedWrites {
  /** JSON of each saved version of a dashboard, by the dashboard's uid and the version number. */
  readonly versions = new Map<string, Map<number, string>>();
  readonly annotations = new Map<number, string>();
  readonly sessions: string[] = [];

  /** Simulates a client that repeatedly saves dashboards, adds annotations, stars dashboards and signs in. */
  async client(base: string, name: string, rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      const text = `${name} ${round}`;
      await this.#save(base, BOARDS[(round * 7 + name.length) % BOARDS.length]!, text);
      const marked = await call(base, "POST", "/api/annotations", { text, time: 1000, tags: [name] });
      if (marked?.status === 200) this.annotations.set(this.#once(marked.json.id, this.annotations), text);
      await call(base, "POST", `/api/user/stars/dashboard/uid/${BOARDS[round % BOARDS.length]!}`);
      if (round % 5 === 0) await this.#signIn(base);
    }
  }

  async #save(base: string, uid: string, text: string): Promise<void> {
    const known = (await call(base, "GET", `/api/dashboards/uid/${uid}`))?.json.dashboard;
    const dashboard = { uid, title: `Board ${uid}`, description: text, version: known?.version };
    const saved = await call(base, "POST", "/api/dashboards/db", { dashboard, message: text });
    if (saved?.status !== 200) return;
    const versions = this.versions.get(uid) ?? new Map<number, string>();
    this.versions.set(uid, versions.set(this.#once(saved.json.version, versions), text));
  }

  async #signIn(base: string): Promise<void> {
    try {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ user: "admin", password: "secret" });
      const answer = await fetch(`${base}/login`, { method: "POST", headers, body });
      const cookie = answer.headers.getSetCookie().find((one) => one.startsWith("grafana_session="));
      if (answer.status === 200) this.sessions.push(cookie!.split(";", 1)[0]!);
    } catch {
      // Ignores the error: the instance was killed, so it acknowledged nothing.
    }
  }

  /** Returns the id of a new object. Throws an error if an earlier object has the same id. */
  #once(id: number, given: ReadonlyMap<number, string>): number {
    if (given.has(id)) throw new Error(`number ${id} was given twice`);
    return id;
  }
}

/** Resolves with all data that the API of a dashboards instance returns, for comparison with the other instance. */
async function shown({ base }: DashboardsInstance): Promise<object> {
  const [annotations, stars, tokens, ...boards] = await Promise.all([
    call(base, "GET", "/api/annotations?limit=10000"),
    call(base, "GET", "/api/user/stars"),
    call(base, "GET", "/api/user/auth-tokens"),
    ...BOARDS.map((uid) => call(base, "GET", `/api/dashboards/uid/${uid}/versions?limit=1000`)),
  ]);
  return {
    annotations: annotations!.json,
    stars: stars!.json.toSorted(),
    tokens: tokens!.json.map(({ id }: { id: number }) => id).toSorted(),
    boards: boards.map((answer) => answer!.json),
  };
}

test.skipIf(lacks("postgres"))(
  "two instances of one database lose and overwrite nothing, even if one is killed",
  async () => {
    using workplace = new Workplace();
    await using database = await PostgresServer.start();
    const url = await database.database("dashboards");
    const settings = {
      GF_DATABASE_URL: url,
      GF_DATABASE_TYPE: "postgres",
      GF_DASHBOARDS_VERSIONS_TO_KEEP: "1000",
    };
    const start = (name: string) => startDashboards(workplace, name, settings);
    // Starts both dashboards instances at the same time. Only one of them must create the tables, the encryption key
    // and the first user.
    const [one, two] = await Promise.all([start("one"), start("two")]);
    await using _one = one.running;
    await using _two = two.running;
    await Promise.all([one, two].map(({ running, base }) => running.ready(`${base}/api/health`)));

    // A data source with a secret. One dashboards instance encrypts the secret, and the other instance must decrypt it.
    const secret = {
      uid: "s",
      name: "S",
      type: "prometheus",
      url: "http://x",
      secureJsonData: { basicAuthPassword: "p" },
    };
    expect((await call(one.base, "POST", "/api/datasources", secret))?.status).toBe(200);
    await eventually("the other has the source", async () => {
      expect((await call(two.base, "GET", "/api/datasources/uid/s"))?.json.secureJsonFields).toEqual({
        basicAuthPassword: true,
      });
    });
    const proxied = await fetch(`${two.base}/api/datasources/uid/s/health`, {
      headers: { authorization: `Basic ${btoa("admin:secret")}` },
    });
    await proxied.arrayBuffer();
    expect(two.running.output).not.toContain("A stored secret cannot be decrypted");

    // Saves a dashboard based on a version. Each instance must refuse a second save that is based on the same version.
    const save = (base: string, version: number) =>
      call(base, "POST", "/api/dashboards/db", { dashboard: { uid: "z", title: "Z", version } });
    expect((await save(one.base, 0))?.status).toBe(200);
    const both = await Promise.all([one, two].map(({ base }) => save(base, 1)));
    expect(both.map((answer) => answer?.status).toSorted()).toEqual([200, 412]);

    const acknowledged = new AcknowledgedWrites();
    const clients = [one, two].flatMap(({ base }, i) => [
      acknowledged.client(base, `p${i}`, ROUNDS),
      acknowledged.client(base, `qq${i}`, ROUNDS),
    ]);
    await eventually("both have saved", async () => {
      expect(acknowledged.annotations.size).toBeGreaterThan(ROUNDS);
    });
    two.running.kill("SIGKILL");
    await Promise.all(clients);
    const three = await start("two");
    await using _three = three.running;
    await three.running.ready(`${three.base}/api/health`);
    await Promise.all([one, three].map(({ base }, i) => acknowledged.client(base, `after${i}`, 10)));

    await eventually("both show the same", async () => expect(await shown(three)).toEqual(await shown(one)));
    for (const { base } of [one, three]) {
      const listed = (await call(base, "GET", "/api/annotations?limit=10000"))!.json as { id: number; text: string }[];
      const texts = new Map(listed.map(({ id, text }) => [id, text]));
      expect(texts.size).toBe(listed.length);
      for (const [id, text] of acknowledged.annotations) expect(texts.get(id)).toBe(text);
      for (const [uid, versions] of acknowledged.versions) {
        for (const [version, text] of versions) {
          const kept = await call(base, "GET", `/api/dashboards/uid/${uid}/versions/${version}`);
          expect([uid, version, kept!.json.data.description]).toEqual([uid, version, text]);
        }
      }
      for (const cookie of acknowledged.sessions) {
        expect((await fetch(`${base}/api/user`, { headers: { cookie } })).status).toBe(200);
      }
    }
  },
);
