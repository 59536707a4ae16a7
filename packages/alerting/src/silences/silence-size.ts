import type { Silence } from "./silence.ts";

const MATCHER_TYPES = ["=", "=~", "!=", "!~"];

/**
 * Returns the size in bytes that a silence has in Alertmanager's protobuf encoding (silencepb.MeshSilence).
 * Alertmanager's size limit for silences counts these bytes.
 * @param expiresAt when the silence is removed, Unix ms
 */
export function silenceSize(silence: Silence, expiresAt: number): number {
  const matchers = silence.matchers.map(({ type, name, value }) =>
    fieldSize(varint(MATCHER_TYPES.indexOf(type)) + text(name) + text(value)),
  );
  const annotations = Object.entries(silence.annotations).map(([name, value]) => fieldSize(text(name) + text(value)));
  const own =
    text(silence.id) +
    fieldSize(sum(matchers)) +
    sum([silence.startsAt, silence.endsAt, silence.updatedAt].map(timestamp)) +
    text(silence.createdBy) +
    text(silence.comment) +
    sum(annotations);
  return fieldSize(own) + timestamp(expiresAt);
}

const sum = (sizes: readonly number[]): number => sizes.reduce((all, size) => all + size, 0);

/** Returns the encoded size in bytes of a protobuf number field. The number 0 is not encoded. */
const varint = (value: number): number => (value === 0 ? 0 : 1 + varintLength(value));

/** Returns the encoded size in bytes of a protobuf field with `length` bytes of content. */
const fieldSize = (length: number): number => 1 + varintLength(length) + length;

const text = (value: string): number => (value === "" ? 0 : fieldSize(Buffer.byteLength(value)));

function varintLength(value: number): number {
  // Encodes a negative number with all its 64 bits, which takes ten bytes.
  if (value < 0) return 10;
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length++;
  return length;
}

function timestamp(ms: number): number {
  const seconds = Math.floor(ms / 1000);
  return fieldSize(varint(seconds) + varint(Math.round((ms - seconds * 1000) * 1e6)));
}
