import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A method call as the simulated bus received it. All arguments are strings. */
export interface BusCall {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly destination: string;
  readonly args: readonly string[];
}

/** Answer of the simulated bus: values with their signature, an error, or no answer. */
export type BusAnswer =
  | { readonly signature: string; readonly body: readonly unknown[] }
  | { readonly error: string; readonly message: string }
  | undefined;

export interface MessageBusOptions {
  /** True if the bus sends in big-endian byte order. */
  readonly isBigEndian?: boolean;
  /** Largest number of bytes per write. A small number splits messages. */
  readonly chunkBytes?: number;
  /** True if the bus refuses every authentication. */
  readonly isClosedShop?: boolean;
}

/** A simulated D-Bus server on its own socket, which gives the answers of the test. */
export interface MessageBus {
  /** Address for DBUS_SYSTEM_BUS_ADDRESS. */
  readonly address: string;
  readonly calls: readonly BusCall[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Returns a typed value for a property: `variant("u", 3)`. */
export const variant = (signature: string, value: unknown) => ({ signature, value });

/** Starts a simulated D-Bus server. `answer` returns the answers of all services on the bus. */
export async function messageBus(
  answer: (call: BusCall) => BusAnswer,
  options: MessageBusOptions = {},
): Promise<MessageBus> {
  const folder = mkdtempSync(join(tmpdir(), "message-bus-"));
  const path = join(folder, "socket");
  const calls: BusCall[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => open.delete(socket));
    serve(socket, options, (call) => {
      calls.push(call);
      if (call.member === "Hello") return { signature: "s", body: [":1.7"] };
      if (call.member === "AddMatch") return { signature: "", body: [] };
      return answer(call);
    });
  });
  await new Promise<void>((resolve) => void server.listen(path, resolve));
  return {
    address: `unix:path=${path}`,
    calls,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => void server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function serve(socket: Socket, options: MessageBusOptions, answer: (call: BusCall) => BusAnswer): void {
  let bytes = Buffer.alloc(0);
  let isTalking = false;
  const send = (message: Buffer): void => {
    const size = options.chunkBytes ?? message.length;
    for (let at = 0; at < message.length; at += size) socket.write(message.subarray(at, at + size));
  };
  socket.setNoDelay();
  socket.on("data", (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (;;) {
      if (!isTalking) {
        const end = bytes.indexOf("\r\n");
        if (end === -1) return;
        const line = bytes.toString("latin1", 0, end).replace("\0", "");
        bytes = bytes.subarray(end + 2);
        isTalking = line === "BEGIN";
        if (!isTalking) socket.write(`${authAnswer(line, options.isClosedShop === true)}\r\n`);
        continue;
      }
      if (bytes.length < 16) return;
      const length = 16 + upTo(bytes.readUInt32LE(12), 8) + bytes.readUInt32LE(4);
      if (bytes.length < length) return;
      const { call, serial } = readCall(bytes.subarray(0, length));
      bytes = bytes.subarray(length);
      const reply = answer(call);
      if (reply !== undefined) send(writeReply(reply, serial, options.isBigEndian === true));
    }
  });
}

function authAnswer(line: string, isClosedShop: boolean): string {
  if (isClosedShop || line === "AUTH") return "REJECTED EXTERNAL";
  // Asks a client that sent no user name for it. If the client then responds with an empty line, the bus uses the user
  // that the kernel reports.
  if (line === "AUTH EXTERNAL") return "DATA";
  return /^(?:AUTH EXTERNAL|DATA)/.test(line) ? "OK 0123456789abcdef0123456789abcdef" : "ERROR";
}

const upTo = (at: number, step: number): number => Math.ceil(at / step) * step;

const FIELD_NAMES: Readonly<Record<number, string>> = { 1: "path", 2: "interface", 3: "member", 6: "destination" };

/** Reads a little-endian call whose header fields are strings. */
function readCall(message: Buffer): { call: BusCall; serial: number } {
  const text = (at: number): string => message.toString("utf8", at + 4, at + 4 + message.readUInt32LE(at));
  const fields: Record<string, string> = {};
  const end = 16 + message.readUInt32LE(12);
  for (let at = 16; at < end;) {
    at = upTo(at, 8);
    const type = String.fromCharCode(message[at + 2]!);
    if (type === "g") {
      at += 4 + message[at + 4]! + 2;
      continue;
    }
    const value = text(at + 4);
    const name = FIELD_NAMES[message[at]!];
    if (name !== undefined) fields[name] = value;
    at += 8 + Buffer.byteLength(value) + 1;
  }
  const args: string[] = [];
  for (let at = upTo(end, 8); at < message.length; at = upTo(at, 4)) {
    args.push(text(at));
    at += 5 + Buffer.byteLength(args.at(-1)!);
  }
  const { path = "", interface: face = "", member = "", destination = "" } = fields;
  return { call: { path, interface: face, member, destination, args }, serial: message.readUInt32LE(8) };
}

function writeReply(reply: Exclude<BusAnswer, undefined>, serial: number, isBigEndian: boolean): Buffer {
  const isError = "error" in reply;
  const body = isError
    ? { signature: "s", values: [reply.message] }
    : { signature: reply.signature, values: reply.body };
  const fields: unknown[] = [[5, variant("u", serial)]];
  if (isError) fields.push([4, variant("s", reply.error)]);
  if (body.signature !== "") fields.push([8, variant("g", body.signature)]);
  const content = new ValueWriter(isBigEndian).write(body.signature, body.values).bytes;
  const head = new ValueWriter(isBigEndian).write("yyyyuua(yv)", [
    (isBigEndian ? "B" : "l").charCodeAt(0),
    isError ? 3 : 2,
    1,
    1,
    content.length,
    serial,
    fields,
  ]);
  head.pad(8);
  return Buffer.from([...head.bytes, ...content]);
}

/** Encodes values by their D-Bus signature. */
class ValueWriter {
  readonly bytes: number[] = [];
  readonly #isBigEndian: boolean;

  constructor(isBigEndian: boolean) {
    this.#isBigEndian = isBigEndian;
  }

  write(signature: string, values: readonly unknown[]): this {
    let rest = signature;
    for (const value of values) {
      const type = firstType(rest);
      rest = rest.slice(type.length);
      this.#one(type, value);
    }
    return this;
  }

  pad(step: number): void {
    while (this.bytes.length % step !== 0) this.bytes.push(0);
  }

  #one(type: string, value: unknown): void {
    const size = SIZES[type];
    if (size !== undefined) {
      this.pad(size);
      this.bytes.push(...this.#integer(BigInt.asUintN(size * 8, BigInt(value as number)), size));
    } else if (type === "v") {
      const { signature, value: inner } = value as ReturnType<typeof variant>;
      this.#one("g", signature);
      this.#one(signature, inner);
    } else if (type === "d") {
      const double = Buffer.alloc(8);
      double.writeDoubleBE(value as number);
      this.#one("t", double.readBigUInt64BE());
    } else if (type[0] === "a") this.#array(type.slice(1), value as readonly unknown[]);
    else if (type[0] === "(" || type[0] === "{") {
      this.pad(8);
      this.write(type.slice(1, -1), value as readonly unknown[]);
    } else {
      const text = Buffer.from(value as string);
      this.#one(type === "g" ? "y" : "u", text.length);
      this.bytes.push(...text, 0);
    }
  }

  #array(type: string, values: readonly unknown[]): void {
    this.#one("u", 0);
    const lengthAt = this.bytes.length - 4;
    this.pad(/^[xtd({]/.test(type) ? 8 : (SIZES[type[0]!] ?? (/^[gv]/.test(type) ? 1 : 4)));
    const start = this.bytes.length;
    for (const value of values) this.#one(type, value);
    this.bytes.splice(lengthAt, 4, ...this.#integer(BigInt(this.bytes.length - start), 4));
  }

  #integer(value: bigint, size: number): number[] {
    const bytes = Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
    return this.#isBigEndian ? bytes.toReversed() : bytes;
  }
}

const SIZES: Readonly<Record<string, number>> = { y: 1, n: 2, q: 2, b: 4, u: 4, i: 4, h: 4, x: 8, t: 8 };

/** Returns the complete type at the start of a signature. */
function firstType(signature: string): string {
  let depth = 0;
  for (let i = 0; i < signature.length; i++) {
    if ("({".includes(signature[i]!)) depth++;
    else if (")}".includes(signature[i]!)) depth--;
    if (depth === 0 && signature[i] !== "a") return signature.slice(0, i + 1);
  }
  throw new Error(`no type in "${signature}"`);
}
