import { type SystemdOnBus, type UnitOnBus, variant } from "@narthex/collectors/testing";
import type { Random } from "../../support/random.ts";

const STEMS = [
  "ssh",
  "getty@tty1",
  "0start",
  "a.b",
  "dev-disk-by\\x2dlabel",
  "über",
  "user@1000",
  "-",
  "x_y",
  "run-u5",
];
const KINDS = ["service", "timer", "socket", "mount", "target", "slice", "device", "path", "swap"];
const STATES = ["active", "activating", "deactivating", "inactive", "failed", "reloading", "maintenance"];
const VERSIONS = ["252.39-1~deb12u2", "255", "257.4-1ubuntu3", "211", "v249.11", "systemd", "99", "2510.75 (x)"];

const NOT_KEPT = 2n ** 64n - 1n;

/** Properties that only some systemd units have. A request for a missing property is refused. */
const PROPERTIES: readonly (readonly [name: string, value: (random: Random) => ReturnType<typeof variant>])[] = [
  ["Service.Type", (random) => variant("s", random.pick(["simple", "notify", "oneshot", 'a"b\\c', ""]))],
  ["Service.NRestarts", (random) => variant("u", random.below(1000))],
  ["Service.TasksCurrent", (random) => variant("t", random.pick([0n, 7n, NOT_KEPT, 2n ** 60n + 1n]))],
  ["Service.TasksMax", (random) => variant("t", random.pick([4915n, NOT_KEPT]))],
  ["Unit.ActiveEnterTimestamp", (random) => variant("t", BigInt(random.below(2 ** 31)) * 1_000_003n)],
  ["Timer.LastTriggerUSec", (random) => variant("t", random.pick([0n, NOT_KEPT, 1_700_000_000_123_457n]))],
  ["Socket.NAccepted", (random) => variant("u", random.below(2 ** 31))],
  ["Socket.NConnections", (random) => variant("u", random.below(10))],
  ["Socket.NRefused", (random) => variant("u", random.below(10))],
  ["Mount.Type", (random) => variant("s", random.pick(["ext4", "tmpfs", ""]))],
];

function randomUnit(random: Random, number: number): UnitOnBus {
  const properties = PROPERTIES.filter(() => random.chance(85)).map(([name, value]) => [name, value(random)] as const);
  return {
    name: `${random.pick(STEMS)}${number}.${random.pick(KINDS)}`,
    loadState: random.pick(["loaded", "loaded", "loaded", "not-found", "masked", "error"]),
    activeState: random.pick(STATES),
    properties: Object.fromEntries(properties),
  };
}

/**
 * Returns a simulated systemd with units of every kind and state. The simulation refuses requests for some properties
 * of the units.
 */
export function randomSystemd(random: Random): SystemdOnBus {
  const manager = [
    ["Version", variant("s", random.pick(VERSIONS))] as const,
    ["Virtualization", variant("s", random.pick(["", "kvm", "lxc"]))] as const,
    ["SystemState", variant("s", random.pick(["running", "degraded", "starting"]))] as const,
  ];
  return {
    manager: Object.fromEntries(manager.filter(() => random.chance(90))),
    units: Array.from({ length: random.below(40) }, (_, i) => randomUnit(random, i)),
  };
}
