import { createSocket } from "node:dgram";

/** Fields of a simulated NTP server's answer. Times are in 32.32 bits since 1900. */
export interface NtpPacket {
  readonly leap?: number;
  readonly mode?: number;
  readonly stratum?: number;
  /** Root delay in seconds, in 16.16 fixed-point format. */
  readonly rootDelay?: number;
  /** Root dispersion in seconds, in 16.16 fixed-point format. */
  readonly rootDispersion?: number;
  readonly reference?: bigint;
  readonly received: bigint;
  readonly sent: bigint;
  /** Whether the answer contains other bytes than the request, like the answer of a forger. */
  readonly isForged?: boolean;
  /** Length in bytes to which the packet is cut. */
  readonly bytes?: number;
}

/** Converts ms since 1970 to NTP's format, which wraps around in 2036. */
export function ntpTime(ms: number): bigint {
  const microseconds = BigInt(Math.round(ms * 1000)) + 2_208_988_800_000_000n;
  return BigInt.asUintN(64, (microseconds << 32n) / 1_000_000n);
}

/**
 * Starts a server on loopback that sends the given answers. If `answer` returns undefined, the server sends nothing.
 */
export async function ntpServer(
  answer: (request: Buffer) => NtpPacket | undefined,
): Promise<AsyncDisposable & { readonly port: number }> {
  const socket = createSocket("udp4");
  socket.on("message", (request, { port, address }) => {
    const packet = answer(request);
    if (packet !== undefined) socket.send(written(packet, request), port, address);
  });
  await new Promise<void>((resolve) => void socket.bind(0, "127.0.0.1", resolve));
  return {
    port: socket.address().port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => void socket.close(() => resolve())),
  };
}

function written(packet: NtpPacket, request: Buffer): Buffer {
  const { leap = 0, mode = 4, stratum = 2, rootDelay = 0, rootDispersion = 0, reference = packet.sent } = packet;
  const bytes = Buffer.alloc(48);
  bytes[0] = (leap << 6) | (request[0]! & 0x38) | mode;
  bytes[1] = stratum;
  bytes.writeUInt32BE(rootDelay, 4);
  bytes.writeUInt32BE(rootDispersion, 8);
  bytes.writeBigUInt64BE(reference, 16);
  request.copy(bytes, 24, 40, 48);
  if (packet.isForged === true) bytes[24]! ^= 1;
  bytes.writeBigUInt64BE(packet.received, 32);
  bytes.writeBigUInt64BE(packet.sent, 40);
  return bytes.subarray(0, packet.bytes ?? 48);
}
