import { WIRE_LENGTH, WIRE_VARINT } from "@narthex/bytes";
import type { Random } from "../support/random.ts";
import { type MessageField, readTree, varintText, writeField, writeTree } from "./message-tree.ts";
import { inflate, type InflatedInput } from "./inflate.ts";

/** Largest and smallest values of the integer types and of zigzag encoding. */
const BORDERS = [
  0n,
  1n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  2n ** 63n,
  -1n,
];
/** Extreme doubles as 64 bits: 1e306, the infinities, NaN, and the smallest positive double. */
const DOUBLES = [0x7f76c8e5ca239029n, 0x7ff0000000000000n, 0xfff0000000000000n, 0x7ff8000000000001n, 1n];
/** Largest depth to which a message is nested in itself. Each level copies the whole message. */
const MAX_LEVELS = 20_000;

/**
 * Makes a valid protocol buffer message large or extreme: repeats a field, sets numbers to a limit, inflates a text, or
 * nests the message in itself. The message can still be parsed.
 */
export function inflateMessage(seed: string, most: number, isDelimited: boolean, random: Random): InflatedInput {
  const tree = readTree(isDelimited ? seed.slice(1) : seed);
  if (tree === undefined) throw new Error("the seed is no message");
  const fields = everyField(tree);
  const about = random.weighted([
    [3, () => repeatField(random.pick(fields), most, random)],
    [3, () => numbersAtBorders(fields, random)],
    [2, () => inflateText(fields, most, random)],
    [1, () => nestField(fields, most, random)],
  ])();
  const message = writeTree(tree);
  const text = isDelimited ? varintText(BigInt(message.length)) + message : message;
  return { text, about: `${about} in ${JSON.stringify(seed)}` };
}

const everyField = (fields: readonly MessageField[]): MessageField[] =>
  fields.flatMap((field) => [field, ...(Array.isArray(field.value) ? everyField(field.value) : [])]);

function repeatField(field: MessageField, most: number, random: Random): string {
  const isEmpty = typeof field.value !== "bigint" && random.chance(40);
  if (isEmpty) field.value = "";
  field.times = Math.max(1, Math.floor(most / writeField(field).length));
  return `${field.times} × ${isEmpty ? "an empty " : ""}field ${field.field}`;
}

function numbersAtBorders(fields: readonly MessageField[], random: Random): string {
  const numbers = fields.filter(({ value }) => typeof value === "bigint");
  const changed = Array.from({ length: random.chance(40) ? 2 : 1 }, () => {
    const field = random.pick(numbers);
    field.value = random.pick(field.wire === WIRE_VARINT ? BORDERS : DOUBLES);
    return `field ${field.field} = ${field.value}`;
  });
  return changed.join(", ");
}

function inflateText(fields: readonly MessageField[], most: number, random: Random): string {
  const texts = fields.filter(({ value }) => typeof value === "string" && value !== "");
  const field = random.pick(texts);
  const inflated = inflate(field.value as string, most, random);
  field.value = Buffer.from(inflated.text).toString("latin1");
  return `field ${field.field}: ${inflated.about}`;
}

function nestField(fields: readonly MessageField[], most: number, random: Random): string {
  const messages = fields.filter(({ value }) => Array.isArray(value));
  const field = random.pick(messages);
  const levels = Math.min(MAX_LEVELS, Math.floor(most / 6));
  let text = writeTree(field.value as MessageField[]);
  for (let i = 0; i < levels; i++)
    text = varintText(BigInt(field.field * 8 + WIRE_LENGTH)) + varintText(BigInt(text.length)) + text;
  field.value = text;
  return `field ${field.field} within itself ${levels} times`;
}
