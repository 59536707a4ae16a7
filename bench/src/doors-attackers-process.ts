import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DOORS } from "../../e2e/src/doors/doors.ts";
import { type Door, isFetched } from "../../e2e/src/doors/door.ts";
import { randomFor, inputFor } from "../../e2e/src/doors/input-for.ts";
import { isHang, sendInput, serveInput } from "../../e2e/src/doors/send-input.ts";

/** Number of hostile inputs that were sent so far. */
export interface Attacked {
  readonly sent: number;
  readonly served: number;
  /** Names of inputs for which a request got no answer before the timeout. */
  readonly hangs: readonly string[];
}

/** Ports of the attacked servers, and the pause of each client between two inputs. */
export interface AttackOrder extends Readonly<Partial<Record<Door["role"], number>>> {
  readonly seed: number;
  readonly pauseMs: number;
}

let [sent, served] = [0, 0];
const hangs: string[] = [];
const fetched = DOORS.filter(isFetched);
const randoms = fetched.map((door) => randomFor(door, 0));

/** Serves a new generated page for each request of `/door/N`. */
const pages = createServer((request, response) => {
  const number = Number(/\d+$/.exec(request.url ?? "")?.[0] ?? 0);
  const door = fetched[number]!;
  served++;
  serveInput(door, inputFor(door, randoms[number]!), response);
});
await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));

/** Sends generated hostile data to one input of a server, request by request. */
async function attack(door: Door, { seed, pauseMs, ...ports }: AttackOrder): Promise<void> {
  const port = ports[door.role];
  if (port === undefined) return;
  const own = randomFor(door, seed);
  for (;;) {
    // oxlint-disable no-await-in-loop -- one input at a time
    const input = inputFor(door, own);
    const outcome = await sendInput(port, door, input);
    sent++;
    if (isHang(outcome)) hangs.push(`${door.role} ${door.name}: ${input.about}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

process.on("message", (order: AttackOrder | "report") => {
  if (order === "report") {
    process.send!({ sent, served, hangs } satisfies Attacked);
    return;
  }
  for (const door of DOORS) if (!isFetched(door)) void attack(door, order);
});
process.on("disconnect", () => process.exit());
process.send!({
  port: (pages.address() as AddressInfo).port,
  kinds: fetched.map(({ entry }) => entry.kind),
});
