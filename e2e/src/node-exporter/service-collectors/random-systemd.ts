import { type SystemdOnBus, type UnitOnBus, variant } from "@narthex/collectors/testing";
import type { Dice } from "../../support/dice.ts";

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

/** Properties that only some units have. If a unit lacks a property, the request for the property is refused. */
const PROPERTIES: readonly (readonly [name: string, value: (dice: Dice) => ReturnType<typeof variant>])[] = [
  ["Service.Type", (dice) => variant("s", dice.pick(["simple", "notify", "oneshot", 'a"b\\c', ""]))],
  ["Service.NRestarts", (dice) => variant("u", dice.roll(1000))],
  ["Service.TasksCurrent", (dice) => variant("t", dice.pick([0n, 7n, NOT_KEPT, 2n ** 60n + 1n]))],
  ["Service.TasksMax", (dice) => variant("t", dice.pick([4915n, NOT_KEPT]))],
  ["Unit.ActiveEnterTimestamp", (dice) => variant("t", BigInt(dice.roll(2 ** 31)) * 1_000_003n)],
  ["Timer.LastTriggerUSec", (dice) => variant("t", dice.pick([0n, NOT_KEPT, 1_700_000_000_123_457n]))],
  ["Socket.NAccepted", (dice) => variant("u", dice.roll(2 ** 31))],
  ["Socket.NConnections", (dice) => variant("u", dice.roll(10))],
  ["Socket.NRefused", (dice) => variant("u", dice.roll(10))],
  ["Mount.Type", (dice) => variant("s", dice.pick(["ext4", "tmpfs", ""]))],
];

function randomUnit(dice: Dice, number: number): UnitOnBus {
  const properties = PROPERTIES.filter(() => dice.chance(85)).map(([name, value]) => [name, value(dice)] as const);
  return {
    name: `${dice.pick(STEMS)}${number}.${dice.pick(KINDS)}`,
    loadState: dice.pick(["loaded", "loaded", "loaded", "not-found", "masked", "error"]),
    activeState: dice.pick(STATES),
    properties: Object.fromEntries(properties),
  };
}

/** Returns a simulated systemd with units of every kind and state. It refuses requests for some of their properties. */
export function randomSystemd(dice: Dice): SystemdOnBus {
  const manager = [
    ["Version", variant("s", dice.pick(VERSIONS))] as const,
    ["Virtualization", variant("s", dice.pick(["", "kvm", "lxc"]))] as const,
    ["SystemState", variant("s", dice.pick(["running", "degraded", "starting"]))] as const,
  ];
  return {
    manager: Object.fromEntries(manager.filter(() => dice.chance(90))),
    units: Array.from({ length: dice.roll(40) }, (_, i) => randomUnit(dice, i)),
  };
}
