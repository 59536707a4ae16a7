import { runToEnd, type Steps } from "@narthex/runtime";
import { NetlinkError, type NetlinkExchange } from "../system-calls/netlink.ts";
import {
  attributeBytes,
  type NetlinkMessage,
  type NetlinkRequest,
  putUint16,
  putUint32,
} from "../system-calls/netlink-message.ts";

/**
 * Returns the bodies of the messages that respond to a request, or undefined if the kernel does not have the feature.
 */
export type RecordedAnswers = (request: NetlinkRequest, protocol: number) => readonly Buffer[] | undefined;

/** Returns a simulated netlink that answers from recordings, for `HostFiles.own.netlink`. */
export function recordedNetlink(answers: RecordedAnswers): (protocol: number) => Promise<NetlinkExchange> {
  return (protocol) => {
    function* inSteps(request: NetlinkRequest, visit: (message: NetlinkMessage) => void): Steps<void> {
      const bodies = answers(request, protocol);
      if (bodies === undefined) throw new NetlinkError(2);
      for (const body of bodies) {
        visit({ type: request.type, body });
        yield;
      }
    }
    const exchange = (...args: Parameters<typeof inSteps>): void => runToEnd(inSteps(...args));
    return Promise.resolve(Object.assign(exchange, { inSteps }));
  };
}

/** Value of an attribute. Numbers have 32 bits, texts end with a zero byte, and lists are nested attributes. */
type AttributeValue = number | string | Uint8Array | readonly Attribute[];
export type Attribute = readonly [type: number, value: AttributeValue];

function valueBytes(value: AttributeValue): Uint8Array {
  if (typeof value === "string") return Buffer.from(`${value}\0`);
  if (value instanceof Uint8Array) return value;
  if (typeof value !== "number") return attributesOf(value);
  const bytes = Buffer.alloc(4);
  putUint32(bytes, 0, value);
  return bytes;
}

/** Returns the bytes of several attributes. */
export const attributesOf = (attributes: readonly Attribute[]): Buffer =>
  Buffer.concat(attributes.map(([type, value]) => attributeBytes(type, valueBytes(value))));

/** Returns the body of a message: bytes of the fixed part by position, then attributes. */
export function messageBody(
  length: number,
  fields: Readonly<Record<number, number>>,
  attributes: readonly Attribute[],
): Buffer {
  const header = Buffer.alloc(length);
  for (const [at, value] of Object.entries(fields)) {
    if (value > 0xff && value <= 0xffff) putUint16(header, Number(at), value);
    else if (value > 0xff) putUint32(header, Number(at), value);
    else header[Number(at)] = value;
  }
  return Buffer.concat([header, attributesOf(attributes)]);
}

const IFLA_IFNAME = 3;

/** Returns rtnetlink's message about a network device. */
export const linkBody = (index: number, name: string, attributes: readonly Attribute[] = []): Buffer =>
  messageBody(16, { 4: index }, [[IFLA_IFNAME, name], ...attributes]);
