import { Mesh } from "@narthex/mesh";
import { countingObserver, MemoryNetwork } from "@narthex/mesh/testing";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { alertOf, rig, START, notificationLines } from "../testing/rig.ts";
import { broadcastChanges, sharedLog, sharedSilences } from "./shared-entries.ts";
import { ClusterCoordination } from "./cluster-coordination.ts";

const HOSTS = ["a", "b", "c"] as const;
const NEVER = new AbortController().signal;
const SECOND = 1000;

async function instance(clock: ManualClock, network: MemoryNetwork, host: string) {
  const logger = memoryLogger();
  const mesh = await Mesh.open({
    name: host,
    instance: host,
    label: "",
    advertise: () => `${host}:1`,
    seeds: async () => ({ addresses: HOSTS.map((other) => `${other}:1`), complete: true }),
    transport: network.transport(host),
    timings: {
      pushPullInterval: 60_000,
      tcpTimeout: 10_000,
      probeTimeout: 500,
      probeInterval: 1000,
      reconnectInterval: 10_000,
      reconnectTimeout: 21_600_000,
      refreshInterval: 15_000,
    },
    clock,
    logger,
    observer: countingObserver(),
    random: () => 0,
  });
  const coordination = new ClusterCoordination({
    position: () => mesh.position(),
    size: () => mesh.members().length,
    peerTimeoutMs: 15 * SECOND,
    clock,
    logger,
  });
  const own = await rig({ clock, coordination });
  const options = { clock, logger, retentionMs: 432_000_000 };
  mesh.share("nfl", sharedLog(own.log, options));
  mesh.share("sil", sharedSilences(own.silences, options));
  broadcastChanges(own, (key, item) => mesh.broadcast(key, item));
  void mesh.join().then(() => coordination.settle(2000, 60_000, NEVER));
  return { ...own, mesh };
}

/** Returns a cluster of three instances that receive the same alerts, with a clock that the test advances. */
async function cluster() {
  const clock = new ManualClock(START);
  const network = new MemoryNetwork(clock);
  const all = await Promise.all(HOSTS.map((host) => instance(clock, network, host)));
  await clock.advance(20 * SECOND);
  const firing = new Map<string, boolean>();
  return {
    clock,
    network,
    all,
    firing,
    /** Posts to every instance that an alert of a group fires or has ended. */
    report: (group: string, i: string, fires: boolean): void => {
      firing.set(`${group} ${i}`, fires);
      for (const one of all) {
        one.alerts.put(alertOf(one, { alertname: group, i }, fires ? undefined : clock.now()));
      }
    },
    notified: () => all.flatMap(({ notified }) => notified).toSorted((x, y) => x.at - y.at),
    stop: async (): Promise<void> => {
      for (const one of all) {
        await one.dispatcher.stop();
        await one.mesh.stop();
        await one.store.close();
      }
    },
  };
}

test("the first instance by name notifies, the others find it in the log", async () => {
  const { clock, all, report, stop } = await cluster();
  report("A", "1", true);
  await clock.advance(300 * SECOND);
  expect(all.map(notificationLines)).toEqual([['30s {}:{alertname="A"} first notification: 1'], [], []]);
  await stop();
});

test("when the first instance is cut off, the second notifies instead, and nothing more is sent when the cut ends", async () => {
  const { clock, network, all, report, stop } = await cluster();
  network.cut("a", "b");
  network.cut("a", "c");
  await clock.advance(10 * SECOND);
  report("A", "1", true);
  await clock.advance(20 * SECOND);
  network.heal();
  await clock.advance(300 * SECOND);
  expect(all.map(notificationLines)).toEqual([
    ['40s {}:{alertname="A"} first notification: 1'],
    ['40s {}:{alertname="A"} first notification: 1'],
    [],
  ]);
  await stop();
});

test("an instance that acquires the lock late does not send the state of its tick", async () => {
  const { clock, network, all, report, stop } = await cluster();
  report("A", "1", true);
  await clock.advance(60 * SECOND);
  // Disconnects instance a from the others, so that the third instance flushes at 90 s and gets its lock only at 105 s,
  // when the alert is already resolved.
  network.cut("a", "b");
  network.cut("a", "c");
  report("A", "2", true);
  await clock.advance(22 * SECOND);
  report("A", "2", false);
  report("A", "1", false);
  await clock.advance(200 * SECOND);
  const late = all[2]!.notified.filter(({ notification }) => notification.alerts.some(({ resolved }) => !resolved));
  expect(late).toEqual([]);
  await stop();
});

type Step =
  | { readonly what: "report"; readonly group: string; readonly i: string; readonly fires: boolean }
  | { readonly what: "wait"; readonly seconds: number }
  | { readonly what: "cut"; readonly pair: readonly [string, string] }
  | { readonly what: "heal" };

const report: fc.Arbitrary<Step> = fc.record({
  what: fc.constant("report" as const),
  group: fc.constantFrom("A", "B"),
  i: fc.constantFrom("1", "2", "3"),
  fires: fc.boolean(),
});
const wait: fc.Arbitrary<Step> = fc.record({
  what: fc.constant("wait" as const),
  seconds: fc.constantFrom(1, 5, 17, 45, 70, 200),
});
const pairs = [["a", "b"] as const, ["a", "c"] as const, ["b", "c"] as const];
const cut: fc.Arbitrary<Step> = fc.record({ what: fc.constant("cut" as const), pair: fc.constantFrom(...pairs) });
const heal: fc.Arbitrary<Step> = fc.record({ what: fc.constant("heal" as const) });

async function play(steps: readonly Step[]) {
  const instances = await cluster();
  for (const step of steps) {
    if (step.what === "wait") await instances.clock.advance(step.seconds * SECOND);
    else if (step.what === "cut") instances.network.cut(...step.pair);
    else if (step.what === "heal") instances.network.heal();
    // Skips a random step that ends an alert if the alert does not fire.
    else if (step.fires || instances.firing.has(`${step.group} ${step.i}`))
      instances.report(step.group, step.i, step.fires);
  }
  instances.network.heal();
  await instances.clock.advance(240 * SECOND);
  return instances;
}

test("an alert that fired and ended before the group's tick is not notified by an instance that comes after another", async () => {
  const { clock, all, report, stop } = await cluster();
  report("A", "1", true);
  report("A", "1", false);
  await clock.advance(17 * SECOND);
  report("A", "3", true);
  await clock.advance(240 * SECOND);
  expect(all.map(notificationLines)).toEqual([['47s {}:{alertname="A"} first notification: 3'], [], []]);
  await stop();
});

test("an alert that ended before the cluster settled is not notified", async () => {
  const clock = new ManualClock(START);
  const coordination = new ClusterCoordination({
    position: () => 0,
    size: () => 1,
    peerTimeoutMs: 15 * SECOND,
    clock,
    logger: memoryLogger(),
  });
  const one = await rig({ clock, coordination });
  void coordination.settle(5 * SECOND, 60 * SECOND, NEVER);
  one.alerts.put(alertOf(one, { alertname: "A", i: "1" }));
  one.alerts.put(alertOf(one, { alertname: "A", i: "2" }));
  await clock.advance(15 * SECOND);
  one.alerts.put(alertOf(one, { alertname: "A", i: "1" }, clock.now()));
  await clock.advance(15 * SECOND);
  expect(notificationLines(one)).toEqual(['25s {}:{alertname="A"} first notification: !1 2']);
  await one.dispatcher.stop();
  await one.store.close();
});

/** Returns the state (firing or not) that the last notification reported, for each alert. */
function believed(notified: Awaited<ReturnType<typeof play>>["notified"]): Map<string, boolean> {
  const last = new Map<string, boolean>();
  for (const { notification } of notified()) {
    for (const { labels, resolved } of notification.alerts) {
      last.set(`${labels.get("alertname")} ${labels.get("i")}`, !resolved);
    }
  }
  return last;
}

test("after any cuts, notifications have reported all firing alerts and no others", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(report, report, wait, cut, heal), { maxLength: 16 }), async (steps) => {
      const { firing, notified, stop } = await play(steps);
      const last = believed(notified);
      for (const [alert, fires] of firing) expect([alert, last.get(alert) ?? false]).toEqual([alert, fires]);
      await stop();
    }),
    { numRuns: 50 },
  );
}, 600_000);

/** Interval in seconds at which unchanged notifications are repeated (`repeat_interval`). */
const REPEATED_AFTER_SECONDS = 600;

/** Returns the notifications that repeat an unchanged state before `repeat_interval` has passed. */
function repeated(notified: Awaited<ReturnType<typeof play>>["notified"]): string[] {
  const known = new Map<string, boolean>();
  const lastAt = new Map<string, number>();
  return notified().flatMap(({ at, notification: { alerts } }) => {
    const states = alerts.map(({ fingerprint, resolved }) => [fingerprint, resolved] as const);
    const group = alerts[0]!.labels.get("alertname");
    const isDue = at - (lastAt.get(group) ?? -Infinity) >= REPEATED_AFTER_SECONDS;
    lastAt.set(group, at);
    const isNew = isDue || states.some(([fingerprint, resolved]) => known.get(fingerprint) !== resolved);
    for (const [fingerprint, resolved] of states) known.set(fingerprint, resolved);
    return isNew ? [] : [`${at}: ${alerts.map(({ labels }) => labels.toString()).join(" ")}`];
  });
}

test("without cuts each change is notified once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(report, wait), { maxLength: 16 }), async (steps) => {
      const { notified, stop } = await play(steps);
      expect(repeated(notified)).toEqual([]);
      await stop();
    }),
    { numRuns: 30 },
  );
}, 600_000);

test("an instance whose group ticks earlier notifies, and the first by name finds it in the log", async () => {
  // Tests two groups with the same key. The old group of the second instance still waits in its flush when the first
  // instance has already created a new group.
  const { all, stop } = await play([
    { what: "report", group: "B", i: "3", fires: true },
    { what: "report", group: "B", i: "3", fires: false },
    { what: "wait", seconds: 17 },
    { what: "report", group: "B", i: "1", fires: true },
    { what: "wait", seconds: 70 },
    { what: "report", group: "B", i: "1", fires: false },
  ]);
  expect(all.map(notificationLines)).toEqual([
    ['47s {}:{alertname="B"} first notification: 1'],
    ['165s {}:{alertname="B"} all alerts resolved: !1'],
    [],
  ]);
  await stop();
});

test("an end that was notified while an instance waited is not notified again, although the log entry no longer has it", async () => {
  // The third instance waits 30 s after its flush at 90 s. During this wait the first instance notifies the end of
  // alert 1 and then alert 2 in a new group, which replaces the log entry.
  const { all, stop } = await play([
    { what: "report", group: "B", i: "1", fires: true },
    { what: "wait", seconds: 17 },
    { what: "report", group: "B", i: "1", fires: false },
    { what: "wait", seconds: 70 },
    { what: "report", group: "B", i: "2", fires: true },
  ]);
  expect(all.map(notificationLines)).toEqual([
    [
      '30s {}:{alertname="B"} first notification: 1',
      '90s {}:{alertname="B"} all alerts resolved: !1',
      '117s {}:{alertname="B"} first notification: 2',
    ],
    [],
    [],
  ]);
  await stop();
});
