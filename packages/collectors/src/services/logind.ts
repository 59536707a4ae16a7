import { defineCollector } from "../collector.ts";
import { gauge } from "../metric.ts";
import { withReason, connectDBus, type DBusConnection, DBusRefusal, systemBusAddress } from "./d-bus.ts";
import type { DBusValue } from "./d-bus-message.ts";

const SERVICE = "org.freedesktop.login1";
const MANAGER = { destination: SERVICE, path: "/org/freedesktop/login1", interface: `${SERVICE}.Manager` };

/** Time limit of all requests in one scrape; shorter than the scrape's own limit for a collector. */
const LIMIT_MS = 7000;

/** Seat name of sessions without a seat, for example sessions over SSH. */
const NO_SEAT = "";
const REMOTE = ["true", "false"];
/** Session types that logind defines. Types of newer versions count as "other". */
const TYPES = ["other", "unspecified", "tty", "x11", "wayland", "mir", "web"];
const CLASSES = ["other", "user", "greeter", "lock-screen", "background"];

const metrics = {
  sessions: gauge("node_logind_sessions", "Number of sessions registered in logind.", [
    "seat",
    "remote",
    "type",
    "class",
  ]),
};

/** Exports sessions of logged-in users over D-Bus. */
export const logind = defineCollector({
  name: "logind",
  enabled: false,
  metrics,
  open({ clock }) {
    const connect = () => connectDBus(systemBusAddress(process.env), { clock, limitMs: LIMIT_MS, isBus: true });
    return async (_files, emit) => {
      using connection = await connect().catch(withReason("unable to connect to dbus"));
      const [seats, rows] = await Promise.all([
        connection.list({ ...MANAGER, member: "ListSeats" }).catch(withReason("unable to get seats")),
        connection.list({ ...MANAGER, member: "ListSessions" }).catch(withReason("unable to get sessions")),
      ]);
      const sessions = await Promise.all(
        rows.map(([, , , seat = "", path = ""]) => readSession(connection, seat, path)),
      );
      const counts = new Map<string, number>();
      for (const key of sessions) if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
      const seatNames = [...seats.map(([seat = ""]) => seat), NO_SEAT];
      for (const remote of REMOTE)
        for (const type of TYPES)
          for (const sessionClass of CLASSES)
            for (const seat of seatNames) {
              const labels = [seat, remote, type, sessionClass];
              emit.sessions(counts.get(JSON.stringify(labels)) ?? 0, ...labels);
            }
    };
  },
});

/** Returns the labels of a session as a key; undefined if the session ended after it was listed. */
async function readSession(connection: DBusConnection, seat: string, path: string): Promise<string | undefined> {
  const property = async (name: string): Promise<DBusValue> =>
    (await connection.property(SERVICE, path, `${SERVICE}.Session`, name)).value;
  try {
    const [remote, type, sessionClass] = await Promise.all([property("Remote"), property("Type"), property("Class")]);
    if (typeof type !== "string" || typeof sessionClass !== "string") return undefined;
    return JSON.stringify([
      seat,
      JSON.stringify(remote),
      knownOrOther(type, TYPES),
      knownOrOther(sessionClass, CLASSES),
    ]);
  } catch (error) {
    if (error instanceof DBusRefusal) return undefined;
    throw error;
  }
}

const knownOrOther = (value: string, known: readonly string[]): string => (known.includes(value) ? value : "other");
