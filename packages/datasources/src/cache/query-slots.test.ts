import { ManualClock } from "@narthex/runtime/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { QuerySlots } from "./query-slots.ts";

const never = (): AbortSignal => new AbortController().signal;

/** Returns query slots for a test, and functions that start and end queries. */
function slotsOf(
  perUser: number,
  perSource: number,
  { waiting = 100, userBytes = 1024 ** 2, perUserAndSource = 0 } = {},
) {
  const clock = new ManualClock();
  const slots = new QuerySlots({ perUser, perSource, perUserAndSource, waiting, userBytes }, clock);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const run = (name: string, user: string, source: string, signal = never()): Promise<string> =>
    slots.run(user, source, signal, () => {
      begun.push(name);
      return new Promise((resolve) => ends.set(name, () => resolve(name)));
    });
  return { clock, slots, begun, run, end: (name: string) => ends.get(name)!() };
}

test("a user and a source have a limited number of running queries, and other queries overtake those that wait for a slot", async () => {
  const { slots, begun, run, end } = slotsOf(1, 2);
  const all = [run("a1", "ann", "s"), run("a2", "ann", "t"), run("b1", "bob", "s"), run("c1", "cyd", "s")];
  await Promise.resolve();
  expect([begun, slots.running, slots.waiting]).toEqual([["a1", "b1"], 2, 2]);
  end("a1");
  await all[0];
  await Promise.resolve();
  // The end of the first query has freed one slot of its user and one slot of its source, so two waiting queries have
  // started.
  expect(begun).toEqual(["a1", "b1", "a2", "c1"]);
  end("b1");
  end("a2");
  end("c1");
  await Promise.all(all);
  expect([slots.running, slots.waiting]).toEqual([0, 0]);
});

test("a source that hangs does not delay a user's queries to other sources, however many slots it holds", async () => {
  const { begun, run, slots } = slotsOf(3, 10, { perUserAndSource: 2 });
  for (const at of [1, 2, 3, 4, 5]) void run(`h${at}`, "ann", "hangs");
  for (const at of [1, 2, 3]) void run(`s${at}`, "ann", "s");
  void run("t1", "ann", "t");
  await Promise.resolve();
  expect([begun, slots.waiting]).toEqual([["h1", "h2", "h3", "s1", "s2", "t1"], 3]);
});

test("a query whose client disconnects while it waits never runs, and a query is refused if too many wait", async () => {
  const { begun, run, end, slots } = slotsOf(1, 1, { waiting: 1 });
  const first = run("a", "ann", "s");
  const leaving = new AbortController();
  const second = run("b", "ann", "s", leaving.signal);
  await expect(run("c", "ann", "s")).rejects.toThrow("1 queries are waiting already");
  leaving.abort(new Error("left"));
  await expect(second).rejects.toThrow("left");
  end("a");
  await first;
  expect([begun, slots.waiting]).toEqual([["a"], 0]);
});

test("the time and bytes of a user's queries are added up, including failed ones", async () => {
  const { clock, slots, run, end } = slotsOf(4, 4);
  const first = run("a", "ann", "s");
  await clock.advance(2000);
  end("a");
  await first;
  await expect(slots.run("ann", "s", never(), () => Promise.reject(new Error("gone")))).rejects.toThrow("gone");
  expect(Object.fromEntries(slots.accounts)).toEqual({ ann: { queries: 2, seconds: 2, bytes: 0 } });
});

test("the memory for answers of a user's running queries is limited, separately for each user", async () => {
  const { slots } = slotsOf(4, 4, { userBytes: 2 * 1024 ** 2 });
  const sizes = async (user: string, ...bytes: number[]): Promise<void> => {
    await slots.run(user, "s", never(), async (count) => {
      for (const one of bytes) {
        await Promise.resolve();
        count(one);
      }
    });
  };
  const half = 1024 ** 2;
  const both = await Promise.allSettled([sizes("ann", half, half), sizes("ann", half), sizes("bob", half, half)]);
  expect(both.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
  expect((both[0] as PromiseRejectedResult).reason).toMatchObject({
    status: 422,
    message: "your running queries take more than 2 MiB of answers; ask for fewer series",
  });
  // Runs another query, which succeeds because answers of finished queries no longer count towards the size limit.
  await sizes("ann", half, half);
  expect(slots.accounts.get("ann")).toMatchObject({ queries: 3, bytes: 5 * half });
});

const queries = fc.array(fc.record({ user: fc.constantFrom("a", "b", "c"), source: fc.constantFrom("s", "t") }), {
  maxLength: 30,
});

test("no limit is exceeded, and no query waits although it could run, whatever the order in which queries end", () =>
  fc.assert(
    fc.asyncProperty(
      queries,
      fc.array(fc.nat(), { maxLength: 30 }),
      fc.nat(2),
      async (asked, picks, perUserAndSource) => {
        const { run, end, slots } = slotsOf(2, 3, { waiting: 1000, perUserAndSource });
        const running = new Map<number, { user: string; source: string }>();
        const waiting = new Map(asked.map((one, i) => [i, one]));
        const all = asked.map(({ user, source }, i) => run(String(i), user, source));
        const settle = async (): Promise<void> => {
          for (let turn = 0; turn < 5; turn++) await Promise.resolve();
        };
        const of = (key: "user" | "source", name: string): number =>
          running
            .values()
            .filter((one) => one[key] === name)
            .toArray().length;
        const mayRun = ({ user, source }: { readonly user: string; readonly source: string }): boolean => {
          const both = running.values().filter((one) => one.user === user && one.source === source);
          return of("source", source) < 3 && (of("user", user) < 2 || both.toArray().length < perUserAndSource);
        };
        for (let round = 0; ; round++) {
          await settle();
          for (const [i, one] of waiting)
            if (mayRun(one)) {
              running.set(i, one);
              waiting.delete(i);
            }
          expect([slots.running, slots.waiting]).toEqual([running.size, waiting.size]);
          if (running.size === 0) break;
          const names = [...running.keys()];
          const next = names[(picks[round] ?? 0) % names.length]!;
          end(String(next));
          running.delete(next);
          await all[next];
        }
      },
    ),
    { numRuns: 100 },
  ));
