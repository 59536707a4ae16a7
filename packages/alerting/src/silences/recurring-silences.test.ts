import { Matcher } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openSqlite, type Store } from "@narthex/store";
import { SharedMemory } from "@narthex/store/testing";
import { expect, test } from "vitest";
import { RULE_ANNOTATION } from "./recurring-silence.ts";
import { preview, RecurringSilences, type RuleRequest } from "./recurring-silences.ts";
import { type Silence, silenceState } from "./silence.ts";
import { Silences } from "./silences.ts";
import { NO_METRICS } from "../testing/rig.ts";

/** Friday, 20 November 2026, 00:00 UTC, when each test begins. */
const START = Date.UTC(2026, 10, 20);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

async function running(store: Store, clock: ManualClock) {
  const logger = memoryLogger();
  const silences = await Silences.load({
    collection: store.collection("silences"),
    clock,
    logger,
    retentionMs: 120 * HOUR,
    maxCount: 0,
    maxBytes: 0,
    logChanges: false,
    metrics: NO_METRICS,
  });
  const collection = store.collection("recurring_silences");
  const recurring = await RecurringSilences.start({ collection, silences, clock, logger });
  /** Returns one line for each silence with its state, and its first and last hour counted from START. */
  const lines = (): string[] =>
    silences
      .all()
      .toSorted((a, b) => a.startsAt - b.startsAt)
      .map((each) => `${silenceState(each, clock.now())} ${hours(each.startsAt)}-${hours(each.endsAt)}`);
  return { silences, recurring, lines, logger };
}

const hours = (ms: number): number => (ms - START) / HOUR;

const SUNDAYS: RuleRequest = {
  matchers: [new Matcher("=", "a", "b")],
  written: [{ weekdays: ["sunday"], location: "Europe/Berlin" }],
  createdBy: "me",
  comment: "quiet",
  annotations: { ticket: "1" },
};

test("each occurrence becomes an ordinary silence a week before, and during an occurrence the next silence exists too", async () => {
  const clock = new ManualClock(START);
  const { recurring, silences, lines } = await running(openSqlite(":memory:"), clock);
  const rule = await recurring.add(SUNDAYS);
  expect(lines()).toEqual(["pending 47-71"]);
  await clock.advance(46 * HOUR);
  expect(lines()).toEqual(["pending 47-71"]);
  await clock.advance(23 * HOUR);
  expect(lines()).toEqual(["active 47-71", "pending 215-239"]);
  await clock.advance(200 * HOUR);
  await silences.collect();
  expect(lines()).toEqual(["expired 215-239", "pending 383-407"]);
  expect(silences.all()[0]).toMatchObject({
    createdBy: "me",
    comment: "quiet",
    annotations: { ticket: "1", [RULE_ANNOTATION]: rule.id },
  });
});

test("an occurrence that was expired stays expired, also after restarts and after its silence is removed, and the rule continues", async () => {
  const clock = new ManualClock(START);
  const store = openSqlite(":memory:");
  const first = await running(store, clock);
  await first.recurring.add({ ...SUNDAYS, written: [{ days_of_month: ["20:30"], months: ["november"] }] });
  expect(first.lines()).toEqual(["active 0-264"]);
  await first.silences.expire(first.silences.all()[0]!.id);
  await first.recurring.stop();
  await clock.advance(HOUR);
  const second = await running(store, clock);
  expect(second.lines()).toEqual(["expired 0-0"]);
  await second.recurring.stop();
  await clock.advance(121 * HOUR);
  await second.silences.collect();
  const third = await running(store, clock);
  expect([third.lines(), third.recurring.all().length]).toEqual([[], 1]);
});

test("instances create the same silence, and later changes by users take precedence", async () => {
  const clock = new ManualClock(START);
  const [one, other] = [openSqlite(":memory:"), openSqlite(":memory:")];
  const first = await running(one, clock);
  await first.recurring.add(SUNDAYS);
  await other.collection("recurring_silences").change(await one.collection("recurring_silences").entries(), []);
  await clock.advance(1000);
  const [made] = first.silences.all();
  await first.silences.expire(made!.id);
  // Simulates an instance that has read the rule but not yet the silence that the rule created.
  const [entry] = await other.collection("recurring_silences").entries();
  const rule = { ...(JSON.parse(entry!.value) as object), madeUntil: 0 };
  await other.collection("recurring_silences").put({ ...entry!, value: JSON.stringify(rule) });
  const second = await running(other, clock);
  const content = ({ id, startsAt, endsAt, matchers }: Silence): unknown => [
    id,
    startsAt,
    endsAt,
    matchers.map(String),
  ];
  expect(second.silences.all().map(content)).toEqual([content(made!)]);
  await second.silences.merge(first.silences.all());
  expect(second.lines()).toEqual(first.lines());
});

test("ending a rule expires its silences, and nothing else", async () => {
  const clock = new ManualClock(START);
  const store = openSqlite(":memory:");
  const { recurring, silences, lines } = await running(store, clock);
  const rule = await recurring.add(SUNDAYS);
  const other = await recurring.add({ ...SUNDAYS, written: ["{weekdays: ['friday']}"] });
  expect(preview(other, clock.now(), 2).map(({ startsAt }) => hours(startsAt))).toEqual([0, 168]);
  await clock.advance(HOUR);
  expect(await recurring.end(rule.id)).toBe(true);
  expect(await recurring.end(rule.id)).toBe(false);
  await clock.advance(1);
  expect(lines()).toEqual(["active 0-24", "expired 1-1", "pending 168-192"]);
  await clock.advance(10 * DAY);
  expect((await running(store, clock)).recurring.all().map(({ id }) => id)).toEqual([other.id]);
  expect(silences.all().filter(({ annotations }) => annotations[RULE_ANNOTATION] === rule.id).length).toBe(1);
});

test("a rule of another instance creates its silences here, and is removed here when the other instance ends it", async () => {
  const clock = new ManualClock(START);
  const database = new SharedMemory();
  const [here, there] = [await running(database.open(), clock), await running(database.open(), clock)];
  const rule = await there.recurring.add(SUNDAYS);
  await clock.advance(0);
  expect([here.recurring.get(rule.id)?.comment, here.lines()]).toEqual(["quiet", ["pending 47-71"]]);
  await there.recurring.end(rule.id);
  await clock.advance(0);
  expect(here.recurring.all()).toEqual([]);
});

test("silences that cannot be created are created a minute later, and the failure is logged once", async () => {
  const clock = new ManualClock(START);
  const store = new SharedMemory().open();
  const { recurring, lines, logger } = await running(store, clock);
  await recurring.add(SUNDAYS);
  await clock.advance(69 * HOUR);
  store.refuse("full");
  await clock.advance(3 * HOUR);
  expect(lines()).toEqual(["expired 47-71", "pending 215-239"]);
  await clock.advance(144 * HOUR - 1);
  const failures = (): number => logger.lines.filter(({ message }) => message.endsWith("failed")).length;
  expect(lines()).toEqual(["expired 47-71", "active 215-239"]);
  expect(failures()).toBe(1);
  store.refuse(undefined);
  await clock.advance(60_000);
  expect(lines()).toEqual(["expired 47-71", "active 215-239", "pending 383-407"]);
  expect(logger.lines.at(-1)?.message).toBe("Making silences of recurring ones works again");
});

test("rules are listed from the oldest to the newest, and no rule creates silences after the stop", async () => {
  const clock = new ManualClock(START);
  const { recurring, lines } = await running(openSqlite(":memory:"), clock);
  const ids: string[] = [];
  for (const hour of ["01", "02", "03"]) {
    const times = [{ start_time: `${hour}:00`, end_time: `${hour}:30` }];
    ids.push((await recurring.add({ ...SUNDAYS, written: [{ weekdays: ["saturday"], times }] })).id);
    await clock.advance(1);
  }
  expect(recurring.all().map(({ id }) => id)).toEqual(ids);
  await recurring.stop();
  const before = lines();
  await clock.advance(7 * DAY);
  expect([lines().length, clock.pending]).toEqual([before.length, 0]);
});

test.each([
  [[{ weekdays: ["someday"] }], /someday is not a valid weekday/],
  [[{ years: ["2020"] }], /do not occur within the next four years/],
  [[{ weekdays: ["sunday:saturday"] }], /longer than 62d/],
  [["{weekday: x}"], /weekday/],
])("%j is refused", async (written, reason) => {
  const { recurring } = await running(openSqlite(":memory:"), new ManualClock(START));
  await expect(recurring.add({ ...SUNDAYS, written })).rejects.toThrow(reason);
});
