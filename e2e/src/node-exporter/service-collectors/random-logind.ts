import { type BusAnswer, type BusCall, variant } from "@narthex/collectors/testing";
import type { Random } from "../../support/random.ts";

const TYPES = ["tty", "x11", "wayland", "mir", "web", "unspecified", "hologram", ""];
const CLASSES = ["user", "greeter", "lock-screen", "background", "manager"];

/**
 * Returns a simulated systemd-logind with some seats and sessions. A few of the sessions have ended when their
 * properties are queried.
 */
export function randomLogind(random: Random): (call: BusCall) => BusAnswer {
  const seats = ["seat0", "seat1", "seat-ü"].slice(0, random.below(4));
  const sessions = Array.from({ length: random.below(12) }, (_, i) => ({
    path: `/org/freedesktop/login1/session/c${i}`,
    seat: random.pick([...seats, "", "seat9"]),
    properties: new Map<string, ReturnType<typeof variant>>(
      [
        ["Remote", variant("b", random.chance(50))] as const,
        ["Type", variant("s", random.pick(TYPES))] as const,
        ["Class", variant("s", random.pick(CLASSES))] as const,
      ].filter(() => random.chance(95)),
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
