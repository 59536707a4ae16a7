import { type BusAnswer, type BusCall, variant } from "@narthex/collectors/testing";
import type { Dice } from "../../support/dice.ts";

const TYPES = ["tty", "x11", "wayland", "mir", "web", "unspecified", "hologram", ""];
const CLASSES = ["user", "greeter", "lock-screen", "background", "manager"];

/**
 * Returns a simulated logind with some seats and sessions. A few of the sessions have ended when their properties are
 * queried.
 */
export function randomLogind(dice: Dice): (call: BusCall) => BusAnswer {
  const seats = ["seat0", "seat1", "seat-ü"].slice(0, dice.roll(4));
  const sessions = Array.from({ length: dice.roll(12) }, (_, i) => ({
    path: `/org/freedesktop/login1/session/c${i}`,
    seat: dice.pick([...seats, "", "seat9"]),
    properties: new Map<string, ReturnType<typeof variant>>(
      [
        ["Remote", variant("b", dice.chance(50))] as const,
        ["Type", variant("s", dice.pick(TYPES))] as const,
        ["Class", variant("s", dice.pick(CLASSES))] as const,
      ].filter(() => dice.chance(95)),
    ),
  }));
  return ({ path, member, args }) => {
    if (member === "ListSeats") return { signature: "a(so)", body: [seats.map((seat) => [seat, `/seat/${seat}`])] };
    if (member === "ListSessions") {
      const rows = sessions.map((session, i) => [`c${i}`, 1000 + i, "ada", session.seat, session.path]);
      return { signature: "a(susso)", body: [rows] };
    }
    const value = sessions.find((session) => session.path === path)?.properties.get(args[1] ?? "");
    return value === undefined ? { error: "org.Gone", message: "no session" } : { signature: "v", body: [value] };
  };
}
