import { type Clock, createLogger, systemClock } from "@narthex/runtime";
import { memoryLogger } from "@narthex/runtime/testing";
import { openPostgres, type PostgresStore, StoreUnavailableError, StoreError } from "@narthex/store";
import { exchangeContract, sharedStoreContract, storeContract } from "@narthex/store/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PostgresServer } from "../../support/postgres-server.ts";
import { eventually } from "../../support/eventually.ts";
import { lacks } from "../../support/requirements.ts";

const logger = createLogger({
  level: "error",
  format: "logfmt",
  clock: systemClock,
  write: (line) => process.stderr.write(line),
});

const APPLICATION = "narthex alertmanager";

const open = (
  url: string,
  env: Record<string, string> = {},
  application: string = APPLICATION,
): Promise<PostgresStore> => openPostgres({ url, application, env, clock: systemClock, logger, random: Math.random });

describe.skipIf(lacks("postgres"))("the store in PostgreSQL", () => {
  let server: PostgresServer;
  let made = 0;
  const fresh = (): Promise<string> => server.database(`state_${made++}`);

  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  storeContract("postgres", async () => {
    const url = await fresh();
    const store = await open(url);
    return {
      store,
      reopen: async () => {
        await store.close();
        return open(url);
      },
    };
  });

  sharedStoreContract("postgres", async (instances) => {
    const url = await fresh();
    return Promise.all(Array.from({ length: instances }, () => open(url)));
  });

  exchangeContract("postgres", async (instances) => {
    const url = await fresh();
    return Promise.all(Array.from({ length: instances }, () => open(url)));
  });

  test("only one instance holds a key; after its release or the holder's end, another instance gets it", async () => {
    const url = await fresh();
    const [one, two] = [await open(url), await open(url)];
    const { signal } = new AbortController();
    const first = await one.leases.take("k", signal);
    const order: string[] = [];
    const second = two.leases.take("k", signal).then((lease) => (order.push("second"), lease));
    await two.leases.take("other", signal);
    order.push("release");
    first!.release();
    expect(order).toEqual(["release"]);
    await second;
    await two.close();
    expect(await one.leases.take("k", signal)).toBeDefined();
    await one.close();
  });

  test("an aborted signal ends the wait for a lease, and no instance holds it afterwards", async () => {
    const url = await fresh();
    const [one, two] = [await open(url), await open(url)];
    const stop = new AbortController();
    const held = await one.leases.take("k", new AbortController().signal);
    const waiting = two.leases.take("k", stop.signal);
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    held!.release();
    (await one.leases.take("k", new AbortController().signal))!.release();
    expect(two.counts().leases).toMatchObject({ waiting: 0, held: 0 });
    await Promise.all([one.close(), two.close()]);
  });

  test("300 keys that three instances want at once are held by one instance at a time, over one connection each", async () => {
    const url = await fresh();
    const stores = await Promise.all([open(url), open(url), open(url)]);
    const { signal } = new AbortController();
    const holders = new Map<string, number>();
    let overlaps = 0;
    await Promise.all(
      stores.flatMap((store) =>
        Array.from({ length: 300 }, async (_, i) => {
          const lease = await store.leases.take(`key ${i}`, signal);
          if ((holders.get(`key ${i}`) ?? 0) > 0) overlaps++;
          holders.set(`key ${i}`, 1);
          await systemClock.sleep(1);
          holders.set(`key ${i}`, 0);
          lease!.release();
        }),
      ),
    );
    expect(overlaps).toBe(0);
    expect(
      Number(
        await server.sql(
          `SELECT count(*) FROM pg_stat_activity WHERE datname = '${url.split("/").at(-1)!.split("?")[0]}'`,
        ),
      ),
    ).toBe(3);
    await Promise.all(stores.map((store) => store.close()));
  });

  test("writes fail with a message while the database is down; when it is back, watchers get all entries", async () => {
    const url = await fresh();
    const log = memoryLogger();
    const store = await openPostgres({
      url,
      application: APPLICATION,
      env: {},
      clock: systemClock,
      logger: log,
      random: Math.random,
    });
    const notes = store.collection("notes");
    await notes.put({ key: "a", value: "1", expiresAt: 1e15 });
    const changes: unknown[] = [];
    notes.watch((change) => changes.push(change));
    await server.stop();
    const put = notes.put({ key: "b", value: "2", expiresAt: 1e15 });
    await expect(put).rejects.toThrow(StoreUnavailableError);
    await expect(put).rejects.toThrow(
      /^the store's database postgres:\/\/narthex@127\.0\.0\.1:\d+\/state_\d+ is out of reach: connect ECONNREFUSED/,
    );
    expect(await store.leases.take("k", new AbortController().signal)).toBeUndefined();
    await server.startAgain();
    await eventually("the watcher gets all there is", async () =>
      expect(changes).toEqual([{ put: [{ key: "a", value: "1", expiresAt: 1e15 }], removed: [], complete: true }]),
    );
    await notes.put({ key: "b", value: "2", expiresAt: 1e15 });
    // The log contains only one message that the database cannot be reached, although the database stops and starts
    // with messages in varying order.
    expect(log.lines.map(({ message }) => message)).toEqual([
      "Reaching the store's database failed",
      "Reaching the store's database works again",
    ]);
    await store.close();
  });

  test("a write during a restart of the database waits for it, at most five seconds", async () => {
    // Timers of a fake clock. The test expires them by hand, because a slow machine may need long to start the
    // database.
    const deadlines: { readonly ms: number; readonly pass: () => void }[] = [];
    const clock: Clock = {
      ...systemClock,
      monotonic: () => 0,
      after: (ms, pass) => (deadlines.push({ ms, pass }), () => undefined),
    };
    const store = await openPostgres({
      url: await fresh(),
      application: APPLICATION,
      env: {},
      clock,
      logger,
      random: Math.random,
    });
    const notes = store.collection("notes");
    await server.stop();
    const put = notes.put({ key: "a", value: "1", expiresAt: 1e15 });
    await server.startAgain();
    await put;
    expect((await notes.entries()).length).toBe(1);

    await server.stop();
    deadlines.length = 0;
    const late = notes.put({ key: "b", value: "2", expiresAt: 1e15 });
    await eventually("the write waits", async () => expect(store.counts().waiting).toBe(1));
    for (const { ms, pass } of deadlines) if (ms <= 5000) pass();
    await expect(late).rejects.toThrow(StoreUnavailableError);
    await server.startAgain();
    await store.close();
  });

  /** SQL statements that make the database refuse a lease, each with the SQLSTATE of the refusal. */
  const refusals: readonly (readonly [string, string])[] = [
    ...["53100", "57014", "42501"].map((code): readonly [string, string] => [
      code,
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused' USING ERRCODE = '${code}'; END $$;
       CREATE TRIGGER refuse BEFORE INSERT ON narthex_leases FOR EACH ROW EXECUTE FUNCTION refuse()`,
    ]),
    ["42P01", "DROP TABLE narthex_leases"],
  ];

  test.each(refusals)(
    "a lease that the database refuses with %s is retried for at most 10 s",
    async (code, statement) => {
      const deadlines: (() => void)[] = [];
      const clock: Clock = {
        ...systemClock,
        after: (ms, pass) => (ms === 10_000 ? (deadlines.push(pass), () => undefined) : systemClock.after(ms, pass)),
      };
      const url = await fresh();
      const log = memoryLogger();
      const store = await openPostgres({
        url,
        application: APPLICATION,
        env: {},
        clock,
        logger: log,
        random: Math.random,
      });
      await server.sql(statement, `state_${made - 1}`);
      deadlines.length = 0;
      const taking = store.leases.take("k", new AbortController().signal);
      await eventually("the database has refused", async () =>
        expect(log.lines.map(({ message }) => message)).toEqual(["Taking leases in the store's database failed"]),
      );
      for (const pass of deadlines) pass();
      expect(await taking).toBeUndefined();
      expect(store.counts().leases).toMatchObject({ withoutDatabase: 1, waiting: 0 });
      expect(log.lines[0]!.fields["err"]).toMatch(code === "42P01" ? /"narthex_leases" does not exist/ : /refused/);
      await store.close();
    },
  );

  test("an instance knows whether another one has a session of the same database", async () => {
    const url = await fresh();
    const one = await open(url);
    const dashboards = await open(url, {}, "narthex dashboards");
    expect(await one.leases.isAlone()).toBe(true);
    await dashboards.close();
    const two = await open(url);
    expect([await one.leases.isAlone(), await two.leases.isAlone()]).toEqual([false, false]);
    await two.close();
    await eventually("the other has gone", async () => expect(await one.leases.isAlone()).toBe(true));
    await one.close();
  });

  test("tables of a newer release, a wrong database and an invalid URL are refused with a message", async () => {
    const url = await fresh();
    await (await open(url)).close();
    await server.sql("UPDATE narthex_schema SET version = 99", `state_${made - 1}`);
    await expect(open(url)).rejects.toThrow(
      /cannot be used: its tables are of schema version 99, this release knows versions up to 1: run the release/,
    );
    await expect(open(server.url("nowhere"))).rejects.toThrow(/cannot be used: database "nowhere" does not exist/);
    await expect(open("mysql://x")).rejects.toThrow(StoreError);
  });

  test("a password comes from the environment, and no message contains it", async () => {
    await server.sql("CREATE ROLE guarded LOGIN PASSWORD 'se:cret'");
    const name = `state_${made++}`;
    await server.database(name);
    await server.sql(`ALTER DATABASE ${name} OWNER TO guarded`);
    const hba = `${server.folder}/data/pg_hba.conf`;
    const { readFileSync, writeFileSync } = await import("node:fs");
    writeFileSync(hba, `host all guarded 127.0.0.1/32 scram-sha-256\n${readFileSync(hba, "utf8")}`);
    await server.sql("SELECT pg_reload_conf()");
    const url = server.url(name).replace("narthex@", "guarded@");
    await eventually("the server asks for a password", async () =>
      expect(open(url)).rejects.toThrow(/it wants a password, and there is none in the URL/),
    );
    await expect(open(url, { PGPASSWORD: "wrong" })).rejects.toThrow(
      /password authentication failed for user "guarded"/,
    );
    await (await open(url, { PGPASSWORD: "se:cret" })).close();
    const withPassword = url.replace("guarded@", "guarded:se%3Acret@");
    const store = await open(withPassword);
    expect(store.printed).not.toContain("cret");
    await store.close();
  });
});
