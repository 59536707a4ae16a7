import { request } from "node:https";
import { connect } from "node:tls";
import type { Pair } from "../../support/certificates.ts";

/** Whom a client asks, and what it shows. */
export interface Call {
  readonly port: number;
  readonly ca: string;
  readonly identity: Pair | undefined;
}

export type Outcome = "admitted" | "refused";

const identityOf = ({ ca, identity }: Call) => ({ ca, host: "localhost", servername: "localhost", ...identity });

/** Asks a server for a page over a connection of its own; whatever it answers, it answered. */
export const askPage = (call: Call): Promise<Outcome> =>
  new Promise((resolve) => {
    const asked = request({ ...identityOf(call), port: call.port, path: "/", agent: false }, (response) => {
      response.resume().once("close", () => resolve("admitted"));
    });
    asked.once("error", () => resolve("refused")).end();
  });

/** Greets our instance in a version that it does not speak; it says so to whom it lets in. */
export const greetOurs = (call: Call): Promise<Outcome> =>
  meet(call, "data", () => {
    const greeting = { protocol: 99, name: "x", instance: "x", address: "127.0.0.1:1", label: "" };
    const payload = Buffer.from(JSON.stringify(greeting));
    const head = Buffer.from([0, 0, 0, payload.length, 1]);
    return Buffer.concat([head, payload]);
  });

/** Shakes hands with the original's instance, which hands session tickets to whom it lets in. */
export const greetTheirs = (call: Call): Promise<Outcome> => meet(call, "session", () => Buffer.alloc(0));

/** Connects; the client is in when the event comes before the end. */
function meet(call: Call, sign: "data" | "session", first: () => Buffer): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect({ ...identityOf(call), port: call.port, minVersion: "TLSv1.3" }, () => {
      const bytes = first();
      if (bytes.length > 0) socket.write(bytes);
    });
    socket.once(sign, () => {
      resolve("admitted");
      socket.destroy();
    });
    const refused = (): void => {
      resolve("refused");
      socket.destroy();
    };
    socket.on("error", refused).once("close", refused).resume();
  });
}
