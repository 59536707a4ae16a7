import { closeSync, readSync, writeSync } from "node:fs";
import { getSystemErrorMap } from "node:util";
import { runToEnd, type Steps } from "@narthex/runtime";
import { NoDataError } from "../no-data-error.ts";
import { type CFunction, libcFunction } from "./libc.ts";
import {
  consistentDump,
  type NetlinkAnswer,
  type NetlinkMessage,
  type NetlinkRequest,
  parseAnswer,
  requestBytes,
} from "./netlink-message.ts";

/** Netlink protocols of the kernel. */
export const NETLINK_ROUTE = 0;
export const NETLINK_SOCK_DIAG = 4;
export const NETLINK_GENERIC = 16;

const AF_NETLINK = 16;
/** Socket type: SOCK_RAW, non-blocking, with close-on-exec. */
const SOCKET_KIND = 0x3 + 0x800 + 0x80000;
/** Size in bytes of the receive buffer. The kernel uses datagrams of up to 32 KiB if the buffer has at least 32 KiB. */
const DATAGRAM_BYTES = 64 * 1024;
/**
 * Largest number of datagrams in an answer, which is enough for millions of sockets. A larger number means that the
 * kernel repeats itself.
 */
const DATAGRAMS_LIMIT = 100_000;

/** Number of received messages that are visited between two yields to the event loop. */
const MESSAGES_A_STEP = 64;

/**
 * Error that the kernel refused a request, for example because it was built without the feature (`code` ENOENT,
 * EOPNOTSUPP, EPERM …).
 */
export class NetlinkError extends Error {
  override readonly name = "NetlinkError";
  readonly code: string;

  constructor(errno: number) {
    const [code, text] = getSystemErrorMap().get(-errno) ?? [`E${errno}`, `error ${errno}`];
    super(`netlink: ${text}`);
    this.code = code;
  }
}

/**
 * Sends one request to the kernel and calls `visit` for every object in its answer. Bodies are valid only during the
 * call, and `visit` must not send requests. Throws NetlinkError if the kernel refuses.
 */
export interface NetlinkExchange {
  (request: NetlinkRequest, visit: (message: NetlinkMessage) => void): void;
  /**
   * Sends a request like the function above, but in one step per datagram of up to 32 KiB. Use it for answers of
   * unlimited length.
   */
  readonly inSteps: (request: NetlinkRequest, visit: (message: NetlinkMessage) => void) => Steps<void>;
}

let openSocket: Promise<CFunction> | undefined;
const datagram = Buffer.allocUnsafeSlow(DATAGRAM_BYTES);

/** A netlink socket that stays open between requests, because this halves the cost of a short answer. */
class Conversation {
  readonly #socket: CFunction;
  readonly #protocol: number;
  #fd = -1;
  #sequence = 0;

  constructor(socket: CFunction, protocol: number) {
    this.#socket = socket;
    this.#protocol = protocol;
  }

  exchange(request: NetlinkRequest, visit: (message: NetlinkMessage) => void): void {
    if (this.#fd === -1) this.#open();
    let isOver = false;
    try {
      runToEnd(this.#asking(request, visit));
      isOver = true;
    } catch (error) {
      isOver = error instanceof NetlinkError;
      throw error;
    } finally {
      // Closes the socket after an incomplete answer. Otherwise the rest of this answer would be read as the answer to
      // the next request.
      if (!isOver) this.#close();
    }
  }

  /** Sends a request over a separate socket, because other requests may be sent between two steps. */
  *inSteps(request: NetlinkRequest, visit: (message: NetlinkMessage) => void): Steps<void> {
    const own = new Conversation(this.#socket, this.#protocol);
    own.#open();
    try {
      yield* own.#asking(request, visit);
    } finally {
      own.#close();
    }
  }

  #open(): void {
    const { result, errno } = this.#socket(AF_NETLINK, SOCKET_KIND, this.#protocol);
    if (result < 0) throw new NoDataError(new NetlinkError(errno).message);
    this.#fd = result;
  }

  #close(): void {
    closeSync(this.#fd);
    this.#fd = -1;
  }

  *#asking(request: NetlinkRequest, visit: (message: NetlinkMessage) => void): Steps<void> {
    // Visits the messages of an answer that cannot be interrupted without copying them. Only dumps of rtnetlink can be
    // interrupted.
    if (!request.isDump || this.#protocol !== NETLINK_ROUTE) {
      yield* this.#receiving(request, (bytes) => bytes, visit);
      return;
    }
    const messages = yield* consistentDump(() => this.#receivingCopies(request));
    for (const [i, message] of messages.entries()) {
      if (i % MESSAGES_A_STEP === MESSAGES_A_STEP - 1) yield;
      visit(message);
    }
  }

  *#receivingCopies(request: NetlinkRequest): Steps<Pick<NetlinkAnswer, "messages" | "isInterrupted">> {
    const messages: NetlinkMessage[] = [];
    const isInterrupted = yield* this.#receiving(
      request,
      (bytes) => Buffer.from(bytes),
      (message) => void messages.push(message),
    );
    return { messages, isInterrupted };
  }

  /** Sends a request and visits the answer. Returns true if the dump was interrupted. */
  *#receiving(
    request: NetlinkRequest,
    copy: (bytes: Buffer) => Buffer,
    visit: (message: NetlinkMessage) => void,
  ): Steps<boolean> {
    let isInterrupted = false;
    this.#sequence = (this.#sequence + 1) % 2 ** 32;
    writeSync(this.#fd, requestBytes(request, this.#sequence));
    for (let count = 0; count < DATAGRAMS_LIMIT; count++) {
      const length = readSync(this.#fd, datagram);
      const answer = parseAnswer(copy(datagram.subarray(0, length)), this.#sequence);
      isInterrupted ||= answer.isInterrupted;
      for (const message of answer.messages) visit(message);
      if (answer.errno !== 0) throw new NetlinkError(answer.errno);
      if (answer.isDone || (!request.isDump && answer.messages.length > 0)) return isInterrupted;
      yield;
    }
    throw new Error(`netlink: the answer did not end after ${DATAGRAMS_LIMIT} datagrams`);
  }
}

const conversations = new Map<number, Promise<NetlinkExchange>>();

/**
 * Opens a netlink connection to a part of the kernel. Requests never block, because the kernel answers from memory.
 * Throws NoDataError if the socket cannot be created.
 */
export function netlinkExchange(protocol: number): Promise<NetlinkExchange> {
  let exchange = conversations.get(protocol);
  if (exchange === undefined) conversations.set(protocol, (exchange = openExchange(protocol)));
  return exchange;
}

async function openExchange(protocol: number): Promise<NetlinkExchange> {
  const socket = await (openSocket ??= libcFunction("int socket(int domain, int type, int protocol)"));
  const conversation = new Conversation(socket, protocol);
  const exchange = (request: NetlinkRequest, visit: (message: NetlinkMessage) => void): void =>
    conversation.exchange(request, visit);
  return Object.assign(exchange, {
    inSteps: (request: NetlinkRequest, visit: (message: NetlinkMessage) => void) =>
      conversation.inSteps(request, visit),
  });
}

/**
 * Returns whether this host cannot answer over netlink, because koffi, the socket or the part of the kernel is missing.
 */
const isWithoutNetlink = (error: unknown): boolean =>
  error instanceof NoDataError || (error instanceof NetlinkError && error.code === "ENOENT");

/**
 * Returns the result of `ask`, which uses netlink. Returns the result of `read`, which reads files, if netlink is not
 * available.
 */
export async function netlinkWithFallback<T>(
  opening: Promise<NetlinkExchange>,
  ask: (exchange: NetlinkExchange) => T | Promise<T>,
  read: () => T,
): Promise<T> {
  try {
    return await ask(await opening);
  } catch (error) {
    if (isWithoutNetlink(error)) return read();
    throw error;
  }
}
