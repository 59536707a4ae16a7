import { createSocket, type Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import type { Clock } from "@narthex/runtime";

/** Nanoseconds per second. */
const SECOND = 1_000_000_000n;
/** Bytes of an NTP packet without extensions. */
const PACKET_BYTES = 48;
const CLIENT_MODE = 3;
const SERVER_MODE = 4;
/** Start of NTP's eras 0 and 1, in seconds relative to 1970. */
const ERA_0_BEGINS = -2_208_988_800n;
const ERA_1_BEGINS = 2_085_978_496n;
/** NTP time of 1970 in era 0. Smaller values belong to era 1, which begins in 2036. */
const FIRST_OF_ERA_0 = 0x83aa7e80_00000000n;

/** Maximum age of a server's time in ns: a server without contact to its source for 2^17 s is not trusted. */
const MAX_AGE = 131_072n * SECOND;
const MAX_DISPERSION = 16n * SECOND;
const MAX_STRATUM = 16;
/** Leap indicator of a server that is not synchronized. */
const NOT_IN_SYNC = 3;

/** A server's answer about the time. Spans and times (since 1970) are in nanoseconds. */
export interface NtpResponse {
  readonly leap: number;
  readonly stratum: number;
  readonly rootDelay: bigint;
  readonly rootDispersion: bigint;
  readonly referenceTime: bigint;
  /** The server's time when it sent the answer. */
  readonly time: bigint;
  readonly roundTrip: bigint;
  /** Difference between the server's clock and this machine's clock, positive if the server's clock is ahead. */
  readonly offset: bigint;
  /** Distance to the primary source of time. */
  readonly rootDistance: bigint;
  /** Lower bound of the difference between the two clocks, from timestamps that contradict the order of events. */
  readonly minError: bigint;
}

export interface NtpRequest {
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
  readonly version: number;
  /** Maximum number of routers between client and server; 0 for the system's default. */
  readonly timeToLive: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** Asks an NTP server once. Throws if no answer arrives in time, or if the answer does not belong to this request. */
export async function askNtp(question: NtpRequest): Promise<NtpResponse> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const cancel = question.clock.after(question.timeoutMs, () => reject(new Error("i/o timeout")));
  let socket: Socket | undefined;
  try {
    const { address, family } = await Promise.race([lookup(question.host), late]);
    socket = createSocket(family === 6 ? "udp6" : "udp4");
    return await Promise.race([exchange(socket, address, question), late]);
  } finally {
    cancel();
    socket?.close();
  }
}

async function exchange(socket: Socket, address: string, question: NtpRequest): Promise<NtpResponse> {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  socket.on("error", reject);
  // Connects the socket, so that it receives no packets from other senders and reports a closed port immediately.
  const connected = new Promise<void>((resolve) => void socket.once("connect", resolve));
  socket.connect(question.port, address);
  await Promise.race([connected, failed]);
  if (question.timeToLive !== 0) socket.setTTL(question.timeToLive);
  const nonce = crypto.getRandomValues(new Uint8Array(8));
  const request = Buffer.alloc(PACKET_BYTES);
  request[0] = (question.version << 3) | CLIENT_MODE;
  request[3] = 0x20;
  request.set(nonce, 40);
  let received = 0n;
  const answered = new Promise<Buffer>((resolve) => {
    socket.once("message", (packet) => {
      received = ntpTimeOf(question.clock.now());
      resolve(packet);
    });
  });
  const sent = ntpTimeOf(question.clock.now());
  socket.send(request);
  const packet = await Promise.race([answered, failed]);
  return readAnswer(packet, { nonce, sent, received: received < sent ? sent : received });
}

/** A request and its answer as the client sees them, with times in NTP's 64-bit format. */
interface Exchange {
  readonly nonce: Uint8Array;
  readonly sent: bigint;
  readonly received: bigint;
}

/** Reads an answer. Throws if it does not belong to the request. */
function readAnswer(packet: Buffer, { nonce, sent, received }: Exchange): NtpResponse {
  if (packet.length < PACKET_BYTES) throw new Error("unexpected EOF");
  const [reference, arrived, left] = [16, 32, 40].map((at) => packet.readBigUInt64BE(at)) as [bigint, bigint, bigint];
  if ((packet[0]! & 7) !== SERVER_MODE) throw new Error("invalid mode in response");
  if (left === 0n) throw new Error("invalid transmit time in response");
  if (packet.compare(nonce, 0, 8, 24, 32) !== 0) throw new Error("server response didn't match request");
  if (arrived > left) throw new Error("server clock ticked backwards");
  const rootDelay = shortSpan(packet.readUInt32BE(4));
  const rootDispersion = shortSpan(packet.readUInt32BE(8));
  const away = signed(signed(received - sent) - signed(left - arrived));
  const roundTrip = away < 0n ? 0n : span(away);
  const [there, back] = [signed(arrived - sent), signed(left - received)];
  const offset = signed(there + signed(back - there) / 2n);
  const early = [sent >= arrived ? sent - arrived : 0n, left >= received ? left - received : 0n] as const;
  return {
    leap: packet[0]! >> 6,
    stratum: packet[1]!,
    rootDelay,
    rootDispersion,
    referenceTime: unixTime(reference),
    time: unixTime(left),
    roundTrip,
    offset: offset < 0n ? -span(-offset) : span(offset),
    rootDistance: (roundTrip + rootDelay) / 2n + rootDispersion,
    minError: span(early[0] > early[1] ? early[0] : early[1]),
  };
}

/** Returns whether an answer comes from a server that can be trusted according to RFC 5905. */
export const passesSanityChecks = ({
  stratum,
  leap,
  time,
  referenceTime,
  rootDelay,
  rootDispersion,
}: NtpResponse): boolean =>
  stratum > 0 &&
  stratum < MAX_STRATUM &&
  leap !== NOT_IN_SYNC &&
  time >= referenceTime &&
  time - referenceTime <= MAX_AGE &&
  rootDelay / 2n + rootDispersion <= MAX_DISPERSION;

const signed = (bits: bigint): bigint => BigInt.asIntN(64, bits);

/** Converts seconds in 32.32 bits to nanoseconds, rounded. */
const span = (bits: bigint): bigint => (bits >> 32n) * SECOND + (((bits & 0xffffffffn) * SECOND + 0x80000000n) >> 32n);

/** Converts seconds in 16.16 bits to nanoseconds, rounded. */
const shortSpan = (bits: number): bigint => (BigInt(bits) * SECOND + 0x8000n) >> 16n;

const unixTime = (bits: bigint): bigint => (bits < FIRST_OF_ERA_0 ? ERA_1_BEGINS : ERA_0_BEGINS) * SECOND + span(bits);

/** Converts a time in ms since 1970 to NTP's 64-bit format. */
function ntpTimeOf(ms: number): bigint {
  const whole = Math.floor(ms);
  // Converts the fraction separately, because a double cannot hold today's time in nanoseconds.
  const sinceUnix = BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1e6));
  const nanoseconds = sinceUnix - ERA_0_BEGINS * SECOND;
  return BigInt.asUintN(64, (nanoseconds << 32n) / SECOND);
}
