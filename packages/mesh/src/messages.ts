import { FrameError } from "./frame.ts";

/**
 * Version of the protocol. Increase it if an older reader would misunderstand messages. New message kinds and fields do
 * not need a new version.
 */
export const PROTOCOL = 1;

/** Name and address by which other instances know an instance. */
export interface Identity {
  readonly name: string;
  /** Random text that distinguishes a process from a later process with the same name. */
  readonly instance: string;
  /** `host:port` under which other instances reach this one. */
  readonly address: string;
}

/** The first message that each of two connected instances sends. */
export interface Greeting extends Identity {
  readonly protocol: number;
  readonly label: string;
}

type RefusalCode = "protocol" | "label" | "name" | "full";

/** Reason why a greeting is refused. */
export interface Refusal {
  readonly code: RefusalCode | (string & {});
  readonly reason: string;
}

/** Entries of one shared state: all entries, or only changed ones. */
export interface StateUpdate {
  readonly key: string;
  /**
   * Names of instances that already have the entries or get them from the sender. The receiver of an update forwards
   * new entries to all other connected instances.
   */
  readonly seen: readonly string[];
  readonly items: readonly Uint8Array[];
}

const NAME_BYTES = 1024;

type Fields = Readonly<Record<string, unknown>>;

export const encodeJson = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

/** Decodes the JSON object of a payload. Throws FrameError. */
function decodeJson(payload: Uint8Array, what: string): Fields {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload).toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  } catch {
    // Ignores the parser's error, because the FrameError below reports invalid JSON.
  }
  throw new FrameError(`a ${what} that is not a JSON object`);
}

function textOf(fields: Fields, name: string, what: string): string {
  const value = fields[name];
  if (typeof value !== "string" || value.length > NAME_BYTES) throw new FrameError(`a ${what} without ${name}`);
  return value;
}

function identityOf(fields: Fields, what: string): Identity {
  const identity = {
    name: textOf(fields, "name", what),
    instance: textOf(fields, "instance", what),
    address: textOf(fields, "address", what),
  };
  if (identity.name === "" || identity.instance === "") throw new FrameError(`a ${what} without a name`);
  return identity;
}

/** Decodes a greeting. Throws FrameError. */
export function decodeGreeting(payload: Uint8Array): Greeting {
  const fields = decodeJson(payload, "greeting");
  const { protocol } = fields;
  if (typeof protocol !== "number") throw new FrameError("a greeting without protocol");
  return { protocol, label: textOf(fields, "label", "greeting"), ...identityOf(fields, "greeting") };
}

/** Decodes the message that refuses a greeting. Throws FrameError. */
export function decodeRefusal(payload: Uint8Array): Refusal {
  const fields = decodeJson(payload, "refusal");
  return { code: textOf(fields, "code", "refusal"), reason: textOf(fields, "reason", "refusal") };
}

/** Decodes the answer to a probe: the instances to which the sender has connections. Throws FrameError. */
export function decodePong(payload: Uint8Array): readonly Identity[] {
  const { members } = decodeJson(payload, "pong");
  if (!Array.isArray(members)) throw new FrameError("a pong without members");
  return members.map((member) => {
    if (typeof member !== "object" || member === null) throw new FrameError("a pong without members");
    return identityOf(member as Fields, "pong");
  });
}

/**
 * Decodes the digests in a `sync` message, or the list of differing states in a `synced` message. Throws FrameError.
 */
export function decodeDigests(payload: Uint8Array): ReadonlyMap<string, string> {
  const fields = decodeJson(payload, "sync");
  return new Map(Object.keys(fields).map((key) => [key, textOf(fields, key, "sync")]));
}

/**
 * Encodes entries of a shared state: length of the head (32 bits), head (JSON), then each entry after its length (32
 * bits).
 */
export function encodeStateUpdate({ key, seen, items }: StateUpdate): Uint8Array {
  const head = Buffer.from(JSON.stringify({ key, seen }));
  const parts: Uint8Array[] = [Buffer.alloc(4), head];
  (parts[0] as Buffer).writeUInt32BE(head.length);
  for (const item of items) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(item.length);
    parts.push(length, item);
  }
  return Buffer.concat(parts);
}

/**
 * Maximum number of entries in a message. Valid messages have fewer entries, because senders put at most 256 KiB or one
 * entry into a message.
 */
const MAX_ITEMS = 65_536;

/** Decodes entries of a shared state. Throws FrameError. */
export function decodeStateUpdate(payload: Uint8Array): StateUpdate {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const headEnd = bytes.length < 4 ? Infinity : 4 + bytes.readUInt32BE(0);
  if (headEnd > bytes.length) throw new FrameError("a parcel that ends within its head");
  const fields = decodeJson(bytes.subarray(4, headEnd), "parcel");
  const { seen } = fields;
  if (!Array.isArray(seen) || !seen.every((name) => typeof name === "string")) {
    throw new FrameError("a parcel without seen");
  }
  const items: Uint8Array[] = [];
  let at = headEnd;
  while (at < bytes.length) {
    const start = at + 4;
    const end = start > bytes.length ? Infinity : start + bytes.readUInt32BE(at);
    if (end > bytes.length) throw new FrameError("a parcel that ends within an item");
    if (items.length === MAX_ITEMS) throw new FrameError(`a parcel of more than ${MAX_ITEMS} items`);
    items.push(bytes.subarray(start, end));
    at = end;
  }
  return { key: textOf(fields, "key", "parcel"), seen, items };
}
