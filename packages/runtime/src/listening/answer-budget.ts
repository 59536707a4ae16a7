import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Logger } from "../logger.ts";
import { cutWhenStalled } from "./stalled-client.ts";

export interface AnswerBudgetOptions {
  /** Maximum number of bytes of answers that may be held. Answers that were already begun are still completed. */
  readonly limit: number;
  /**
   * Time in ms after which a client that reads no byte of its answer is disconnected, if others wait for its memory.
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
 * Limits the memory of whole answers that were created but that their clients have not read yet, over all connections.
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

  /** Number of bytes that are held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Reports whether another answer may be created for this client. */
  hasRoom(client: string): boolean {
    return this.#bytes < this.#limit && (this.#byClient.get(client) ?? 0) < this.#limit * SHARE_OF_A_CLIENT;
  }

  /** Counts an answer's bytes until the last one was sent or the connection is closed. */
  charge(response: ServerResponse, bytes: number): void {
    // The request was destroyed, so it has no socket any more, and the response is about to close.
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

  /** Calls back once when memory was freed. Until then, a client that stalls and has no room left is disconnected. */
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

  /**
   * Disconnects a client when it stalls, if others wait for its memory. If the client itself has room, they do not,
   * because the shares of clients are separate.
   */
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

/** Returns the address of a connection's client, as far as the network shows it. */
export const clientOf = ({ remoteAddress }: Socket): string => remoteAddress ?? "";
