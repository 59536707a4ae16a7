import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Logger } from "../logger.ts";
import { cutWhenStalled } from "./stalled-client.ts";

export interface AnswerBudgetOptions {
  /**
   * Maximum number of bytes of answers in memory. If this number is reached, answers in progress are completed, but no
   * further answers begin.
   */
  readonly limit: number;
  /**
   * Time in ms without reading a byte after which a client is disconnected, if other clients wait for the memory of its
   * answer.
   */
  readonly stalledMs: number;
  readonly logger: Logger;
}

/** Maximum share of the limit for the answers to one client. */
const SHARE_OF_A_CLIENT = 0.5;

interface Charge {
  readonly client: string;
  bytes: number;
}

/**
 * Limits the memory of answers that clients have not read yet, over all connections. Only whole answers, which are
 * created at once, are counted.
 */
export class AnswerBudget {
  readonly #limit: number;
  readonly #stalledMs: number;
  readonly #logger: Logger;
  readonly #charges = new Map<ServerResponse, Charge>();
  readonly #byClient = new Map<string, number>();
  #bytes = 0;
  #whenFreed: (() => void) | undefined;

  constructor({ limit, stalledMs, logger }: AnswerBudgetOptions) {
    this.#limit = limit;
    this.#stalledMs = stalledMs;
    this.#logger = logger;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Reports whether another answer may be created for this client. */
  hasRoom(client: string): boolean {
    return this.#bytes < this.#limit && (this.#byClient.get(client) ?? 0) < this.#limit * SHARE_OF_A_CLIENT;
  }

  /** Counts an answer's bytes until the last byte was sent or the connection is closed. */
  charge(response: ServerResponse, bytes: number): void {
    // The socket is null if the request was destroyed. The response is then about to close.
    const socket = response.req.socket as Socket | null;
    if (bytes === 0 || response.closed || socket === null) return;
    let charge = this.#charges.get(response);
    if (charge === undefined) {
      charge = { client: clientOf(socket), bytes: 0 };
      this.#charges.set(response, charge);
      response.once("close", () => this.#free(response));
      if (this.#whenFreed !== undefined) this.#cutWhenStalled(response);
    }
    charge.bytes += bytes;
    this.#add(charge.client, bytes);
  }

  /**
   * Calls back once when memory is available again. Until then, clients that stall and use up their share are
   * disconnected.
   */
  awaitRoom(run: () => void): void {
    this.#whenFreed = run;
    for (const response of this.#charges.keys()) this.#cutWhenStalled(response);
  }

  #add(client: string, bytes: number): void {
    this.#bytes += bytes;
    const held = (this.#byClient.get(client) ?? 0) + bytes;
    if (held > 0) this.#byClient.set(client, held);
    else this.#byClient.delete(client);
  }

  #free(response: ServerResponse): void {
    const { client, bytes } = this.#charges.get(response)!;
    this.#charges.delete(response);
    this.#add(client, -bytes);
    const run = this.#whenFreed;
    this.#whenFreed = undefined;
    run?.();
  }

  /** Disconnects a client when it stalls, if other requests wait for its memory. A client below its share is kept. */
  #cutWhenStalled(response: ServerResponse): void {
    const { client } = this.#charges.get(response)!;
    cutWhenStalled(response, {
      stalledMs: this.#stalledMs,
      isNeeded: () => this.#whenFreed !== undefined && !this.hasRoom(client),
      onCut: () =>
        this.#logger.warn("Cut off a client that does not read its answer: others wait for its memory", {
          client,
          held: this.#bytes,
          limit: this.#limit,
        }),
    });
  }
}

/** Returns the remote address of a connection, which identifies the client. */
export const clientOf = ({ remoteAddress }: Socket): string => remoteAddress ?? "";
