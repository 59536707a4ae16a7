import { request } from "node:https";
import { connect } from "node:tls";
import type { Pair } from "../../support/certificates.ts";

/** Address of the server to connect to, and the client's certificate. */
export interface Call {
  readonly port: number;
  readonly ca: string;
  readonly identity: Pair | undefined;
}

export type Outcome = "admitted" | "refused";

const identityOf = ({ ca, identity }: Call) => ({ ca, host: "localhost", servername: "localhost", ...identity });

/** Requests a page on a new connection. The client counts as admitted if it gets any HTTP response. */
export const requestPage = (call: Call): Promise<Outcome> =>
  new Promise((resolve) => {
    const outgoing = request({ ...identityOf(call), port: call.port, path: "/", agent: false }, (response) => {
      response.resume().once("close", () => resolve("admitted"));
    });
    outgoing.once("error", () => resolve("refused")).end();
  });

/** Sends a cluster greeting in an unsupported version to our instance, which answers only admitted clients. */
export const connectToOurs = (call: Call): Promise<Outcome> =>
  outcomeOf(call, "data", () => {
    const greeting = { protocol: 99, name: "x", instance: "x", address: "127.0.0.1:1", label: "" };
    const payload = Buffer.from(JSON.stringify(greeting));
    const head = Buffer.from([0, 0, 0, payload.length, 1]);
    return Buffer.concat([head, payload]);
  });

/** Makes a TLS handshake with the original program's instance, which sends session tickets only to admitted clients. */
export const connectToTheirs = (call: Call): Promise<Outcome> => outcomeOf(call, "session", () => Buffer.alloc(0));

/** Connects to a server. The client counts as admitted if the event `admission` occurs before the connection ends. */
function outcomeOf(call: Call, admission: "data" | "session", first: () => Buffer): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect({ ...identityOf(call), port: call.port, minVersion: "TLSv1.3" }, () => {
      const bytes = first();
      if (bytes.length > 0) socket.write(bytes);
    });
    socket.once(admission, () => {
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
