import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { never } from "../testing/fake-server.ts";
import { type PoolLimits, SessionPool } from "./session-pool.ts";

class FakeSession {
  isUsable = true;
  isDestroyed = false;

  destroy(): void {
    this.isDestroyed = true;
    this.isUsable = false;
  }
}

function poolOf(limits: Partial<PoolLimits> = {}) {
  const clock = new ManualClock(0);
  const sessions: FakeSession[] = [];
  const open = (): Promise<FakeSession> => {
    const session = new FakeSession();
    sessions.push(session);
    return Promise.resolve(session);
  };
  const pool = new SessionPool({ maxOpen: 2, maxIdle: 2, maxLifetimeMs: 60_000, ...limits, clock, open });
  return { clock, sessions, pool };
}

/** Returns work that lasts until `end` is called. */
function longWork() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: () => promise, end: resolve };
}

test("a connection is used again for the next statement", async () => {
  const { pool, sessions } = poolOf();
  await pool.use(never(), () => Promise.resolve());
  await pool.use(never(), () => Promise.resolve());
  expect(sessions).toHaveLength(1);
});

test("a connection that is not usable, or too old, is replaced", async () => {
  const { pool, sessions, clock } = poolOf();
  await pool.use(never(), (session) => {
    session.isUsable = false;
    return Promise.resolve();
  });
  await pool.use(never(), () => Promise.resolve());
  await clock.advance(20_000);
  await pool.use(never(), () => Promise.resolve());
  await clock.advance(25_000);
  await pool.use(never(), () => Promise.resolve());
  expect(sessions).toHaveLength(2);
  await clock.advance(20_000);
  await pool.use(never(), () => Promise.resolve());
  expect(sessions.map(({ isDestroyed }) => isDestroyed)).toEqual([true, true, false]);
});

test("a connection without statements is closed after half a minute", async () => {
  const { pool, sessions, clock } = poolOf();
  await pool.use(never(), () => Promise.resolve());
  await clock.advance(29_000);
  expect(pool.size).toBe(1);
  await clock.advance(1000);
  expect(sessions[0]!.isDestroyed).toBe(true);
  expect(pool.size).toBe(0);
});

test("further statements wait until a connection is free", async () => {
  const { pool, sessions } = poolOf({ maxOpen: 1 });
  const first = longWork();
  const one = pool.use(never(), first.work);
  const order: string[] = [];
  const two = pool.use(never(), () => Promise.resolve(void order.push("two")));
  await Promise.resolve();
  expect(order).toEqual([]);
  first.end();
  await Promise.all([one, two]);
  expect(order).toEqual(["two"]);
  expect(sessions).toHaveLength(1);
});

test("a statement that waits ends with its signal", async () => {
  const { pool } = poolOf({ maxOpen: 1 });
  const first = longWork();
  const one = pool.use(never(), first.work);
  const gone = new AbortController();
  const two = pool.use(gone.signal, () => Promise.resolve());
  gone.abort(new Error("gone"));
  await expect(two).rejects.toThrow("gone");
  first.end();
  await one;
});

test("only some connections stay open without statements", async () => {
  const { pool, sessions } = poolOf({ maxOpen: 3, maxIdle: 1 });
  const works = [longWork(), longWork(), longWork()];
  const all = works.map(({ work }) => pool.use(never(), work));
  for (const { end } of works) end();
  await Promise.all(all);
  expect(sessions.filter(({ isDestroyed }) => !isDestroyed)).toHaveLength(1);
});

test("a failed attempt to connect leaves room for the next one", async () => {
  const clock = new ManualClock(0);
  let attempts = 0;
  const open = (): Promise<FakeSession> =>
    attempts++ === 0 ? Promise.reject(new Error("refused")) : Promise.resolve(new FakeSession());
  const pool = new SessionPool({ maxOpen: 1, maxIdle: 1, maxLifetimeMs: 1000, clock, open });
  await expect(pool.use(never(), () => Promise.resolve())).rejects.toThrow("refused");
  await expect(pool.use(never(), () => Promise.resolve("done"))).resolves.toBe("done");
});

test("a closed pool closes all its connections, also those in use, and opens none", async () => {
  const { pool, sessions } = poolOf();
  const first = longWork();
  const one = pool.use(never(), first.work);
  await pool.use(never(), () => Promise.resolve());
  pool.close();
  expect(sessions.map(({ isDestroyed }) => isDestroyed)).toEqual([true, true]);
  first.end();
  await one;
  await expect(pool.use(never(), () => Promise.resolve())).rejects.toThrow("the data source was closed");
  expect(pool.size).toBe(0);
});
