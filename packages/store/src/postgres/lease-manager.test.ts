import type { Clock } from "@narthex/runtime";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { StoreError, StoreUnavailableError } from "../store.ts";
import { type Lease, LeaseManager } from "./lease-manager.ts";
import type { PostgresSession, StatementLimits } from "./postgres-session.ts";

const NEVER = new AbortController().signal;
/**
 * Time in ms after the last renewal of a lease during which other instances cannot take the lease, even if the session
 * of its holder has ended.
 */
const GRACE_MS = 5000;

/**
 * A simulated database with a table of leases for several instances. Each instance has its own connection, and a
 * session ends with its connection.
 */
class Database {
  readonly rows = new Map<string, { owner: string; renewedAt: number; session: Line }>();
  readonly clock: ManualClock;

  constructor(clock: ManualClock) {
    this.clock = clock;
  }

  line(): Line {
    return new Line(this);
  }

  isFree(id: string): boolean {
    const row = this.rows.get(id);
    if (row === undefined) return true;
    const age = this.clock.now() - row.renewedAt;
    return age > 10_000 || (age > GRACE_MS && row.session.isCut);
  }
}

class Line {
  isCut = false;
  /** SQLSTATE code with which the database refuses each statement. */
  refusal: string | undefined;
  renewals = 0;
  /** Time in ms until a statement is executed, and time until its answer arrives afterwards. */
  thereMs = 5;
  backMs = 5;
  readonly channel = "c";
  readonly application = "narthex dashboards";
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async run(text: string, values: readonly unknown[], { onSend }: StatementLimits = {}) {
    const { clock } = this.#database;
    const away = (): void => {
      if (this.isCut) throw new StoreUnavailableError("out of reach");
    };
    if (text.includes("WITH own") && text.includes("UPDATE")) this.renewals++;
    away();
    onSend?.();
    await clock.sleep(this.thereMs);
    away();
    if (this.refusal !== undefined) throw new StoreError(`refused: ${this.refusal}`);
    const done = this.#done(text, values).map((id) => ({ id }));
    await clock.sleep(this.backMs);
    away();
    return done;
  }

  #done(text: string, values: readonly unknown[]): readonly string[] {
    const { rows, clock } = this.#database;
    const write = (id: string, owner: string): void => {
      rows.set(id, { owner, renewedAt: clock.now(), session: this });
    };
    if (text.includes("INSERT")) {
      const [ids, , owner] = values as [string[], string[], string];
      const taken = ids.filter((id) => this.#database.isFree(id) || rows.get(id)!.owner === owner);
      for (const id of taken) write(id, owner);
      return taken;
    }
    if (text.includes("DELETE")) {
      const [, ids, owner] = values as [string, string[], string];
      for (const id of ids) if (rows.get(id)?.owner === owner) rows.delete(id);
      return [];
    }
    const own = [...rows].filter(([, { owner }]) => owner === values[0]).map(([id]) => id);
    for (const id of own) write(id, values[0] as string);
    return own;
  }
}

function openManager() {
  const clock = new ManualClock(1000);
  const database = new Database(clock);
  const instance = () => {
    const line = database.line();
    const logger = memoryLogger();
    return { line, logger, desk: new LeaseManager(line as unknown as PostgresSession, clock, logger) };
  };
  return { clock, database, one: instance(), two: instance() };
}

/**
 * Advances the clock until a caller gets a lease or continues without one. Returns undefined if neither happens within
 * `ms`.
 */
async function outcome(clock: ManualClock, desk: LeaseManager, ms: number) {
  const started = clock.monotonic();
  let ended: { readonly afterMs: number; readonly lease: Lease | undefined } | undefined;
  void desk.take("k", NEVER).then((lease) => (ended = { afterMs: clock.monotonic() - started, lease }));
  await turned(clock, ms);
  return ended;
}

async function taken(clock: ManualClock, desk: LeaseManager): Promise<Lease> {
  const taking = desk.take("k", NEVER);
  await turned(clock, 20);
  return (await taking)!;
}

/** Advances the clock in small steps, each with a turn of the event loop so that batches are sent. */
async function turned(clock: ManualClock, ms: number): Promise<void> {
  for (let i = 0; i < ms; i += 5) {
    await clock.advance(5);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("a lease is held as long as it is renewed", async () => {
  const { clock, one } = openManager();
  const lease = await taken(clock, one.desk);
  await turned(clock, 60_000);
  expect([lease.isHeld(), lease.lost.aborted, one.desk.counts.lost]).toEqual([true, false, 0]);
  lease.release();
  await turned(clock, 20);
  expect(one.desk.counts).toMatchObject({ held: 0, lost: 0 });
});

test.each([0, 300, 700, 999])(
  "a disconnected holder stops before another can take its lease (%s ms after)",
  async (after) => {
    const { clock, one, two } = openManager();
    const lease = await taken(clock, one.desk);
    await turned(clock, after);
    one.line.isCut = true;
    const next = two.desk.take("k", NEVER);
    let stoppedAt = 0;
    lease.lost.addEventListener("abort", () => (stoppedAt = clock.monotonic()));
    let takenAt = 0;
    void next.then(() => (takenAt = clock.monotonic()));
    await turned(clock, 12_000);
    expect(stoppedAt).toBeGreaterThan(0);
    expect(takenAt - stoppedAt).toBeGreaterThan(900);
    expect([lease.isHeld(), one.desk.counts.lost]).toEqual([false, 1]);
  },
);

test("the holding time starts when a renewal is sent, not when its answer arrives", async () => {
  const { clock, one, two } = openManager();
  const lease = await taken(clock, one.desk);
  // Simulates a renewal that is written immediately, but whose answer is late, and a connection that is cut before the
  // answer.
  one.line.backMs = 2500;
  await turned(clock, 3500);
  one.line.isCut = true;
  const next = two.desk.take("k", NEVER);
  let takenAt = 0;
  void next.then(() => (takenAt = clock.monotonic()));
  let stoppedAt = 0;
  lease.lost.addEventListener("abort", () => (stoppedAt = clock.monotonic()));
  await turned(clock, 12_000);
  expect(stoppedAt).toBeGreaterThan(0);
  expect(takenAt).toBeGreaterThan(stoppedAt);
});

test("a process that hung detects by the clock that its lease is lost, before any notification", async () => {
  const clock = new ManualClock(1000);
  let hungMs = 0;
  const database = new Database(clock);
  // Simulates the clock of a process that hangs: time passes, but no timer fires.
  const hanging: Clock = {
    now: () => clock.now() + hungMs,
    monotonic: () => clock.monotonic() + hungMs,
    sleep: (ms, signal) => clock.sleep(ms, signal),
    after: (ms, run) => clock.after(ms, run),
  };
  const desk = new LeaseManager(database.line() as unknown as PostgresSession, hanging, memoryLogger());
  const lease = await taken(clock, desk);
  expect(lease.isHeld()).toBe(true);
  hungMs = 4100;
  expect([lease.isHeld(), lease.lost.aborted]).toEqual([false, false]);
});

test("a lease that another instance has taken over is lost at the next renewal", async () => {
  const { clock, database, one } = openManager();
  const lease = await taken(clock, one.desk);
  const [[id, row]] = [...database.rows] as [[string, { renewedAt: number; session: Line; owner: string }]];
  database.rows.set(id, { ...row, owner: "somebody else" });
  await turned(clock, 1100);
  expect([lease.isHeld(), lease.lost.aborted]).toEqual([false, true]);
  lease.release();
  await turned(clock, 100);
  expect(database.rows.get(id)?.owner).toBe("somebody else");
});

test("an instance that has lost a lease can take it again, and releasing the old lease has no effect", async () => {
  const { clock, database, one } = openManager();
  const old = await taken(clock, one.desk);
  one.line.isCut = true;
  await turned(clock, 5000);
  one.line.isCut = false;
  const again = await taken(clock, one.desk);
  old.release();
  await turned(clock, 2000);
  expect([old.isHeld(), again.isHeld(), database.rows.size]).toEqual([false, true, 1]);
});

test("an answer that arrives too late grants nothing: the instance continues as without a database", async () => {
  const { clock, database, one } = openManager();
  one.line.backMs = 4500;
  const taking = one.desk.take("k", NEVER);
  await turned(clock, 5000);
  expect(await taking).toBeUndefined();
  expect(one.desk.counts).toMatchObject({ held: 0, withoutDatabase: 1 });
  await turned(clock, 5000);
  expect(database.rows.size).toBe(0);
});

test("leases are renewed once a second even if the session is lost repeatedly, and not after stop()", async () => {
  const { clock, one } = openManager();
  const lease = await taken(clock, one.desk);
  for (let lost = 0; lost < 2; lost++) {
    // Sends the running renewal again over the next session, because the next session is open before the answer
    // arrives.
    one.line.backMs = 300;
    await turned(clock, 1000);
    one.desk.renewNow();
    one.line.backMs = 5;
    await turned(clock, 1000);
  }
  one.line.renewals = 0;
  await turned(clock, 4000);
  expect(one.line.renewals).toBeGreaterThanOrEqual(3);
  expect(one.line.renewals).toBeLessThanOrEqual(5);
  expect(lease.isHeld()).toBe(true);
  one.desk.stop();
  one.line.renewals = 0;
  await turned(clock, 1500);
  expect(one.line.renewals).toBe(0);
});

test.each(["53100", "57014", "42501", "42P01"])(
  "the first wait for a database that refuses the statement (%s) is 10 s; then the holder continues without a lease",
  async (refusal) => {
    const { clock, one } = openManager();
    one.line.refusal = refusal;
    expect(await outcome(clock, one.desk, 10_000)).toEqual({ afterMs: 10_000, lease: undefined });
    // The next caller immediately continues without a lease, because the database has already refused statements for 10
    // s.
    expect(await outcome(clock, one.desk, 100)).toMatchObject({ lease: undefined });
    expect(one.desk.counts).toMatchObject({ withoutDatabase: 2, waiting: 0 });
    expect(one.logger.lines).toMatchObject([
      {
        level: "warn",
        message: "Taking leases in the store's database failed",
        fields: { err: `refused: ${refusal}` },
      },
    ]);
    one.line.refusal = undefined;
    expect((await outcome(clock, one.desk, 100))?.lease?.isHeld()).toBe(true);
    expect(one.logger.lines[1]?.message).toBe("Taking leases in the store's database works again");
  },
);

test("the wait for a statement without an answer is 10 s", async () => {
  const { clock, one } = openManager();
  one.line.thereMs = 60_000;
  expect(await outcome(clock, one.desk, 10_000)).toEqual({ afterMs: 10_000, lease: undefined });
});

test("the wait for a lease that another instance holds is longer, also after a refused statement", async () => {
  const { clock, one, two } = openManager();
  const lease = await taken(clock, two.desk);
  const next = one.desk.take("k", NEVER);
  await turned(clock, 15_000);
  one.line.refusal = "57014";
  await turned(clock, 3000);
  one.line.refusal = undefined;
  await turned(clock, 15_000);
  expect(one.desk.counts).toMatchObject({ withoutDatabase: 0, waiting: 1 });
  lease.release();
  await turned(clock, 1000);
  expect((await next)?.isHeld()).toBe(true);
});

test("the next caller of the same instance gets a lost lease as soon as it is free", async () => {
  const { clock, database, one } = openManager();
  const lease = await taken(clock, one.desk);
  const next = one.desk.take("k", NEVER);
  const [[id, row]] = [...database.rows] as [[string, { renewedAt: number; session: Line; owner: string }]];
  database.rows.set(id, { ...row, owner: "somebody else" });
  await turned(clock, 1100);
  expect(lease.lost.aborted).toBe(true);
  database.rows.delete(id);
  await turned(clock, 1000);
  expect(one.desk.counts).toMatchObject({ held: 1, waiting: 0 });
  expect((await next)?.isHeld()).toBe(true);
});

test("an instance counts only the sessions of its own application", async () => {
  const asked: (readonly unknown[])[] = [];
  const session = {
    application: "narthex dashboards",
    async run(text: string, values: readonly unknown[]) {
      if (text.includes("application_name = $1")) asked.push(values);
      return [{ others: 0 }];
    },
  };
  const desk = new LeaseManager(session as unknown as PostgresSession, new ManualClock(1000), memoryLogger());
  expect(await desk.isAlone()).toBe(true);
  expect(asked).toEqual([["narthex dashboards"]]);
});
