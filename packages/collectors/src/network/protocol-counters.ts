import { linesOf } from "../host-files/kernel-text.ts";

/** Error that the numbers of names and values of a protocol differ. */
export class MalformedCountersError extends Error {
  override readonly name = "MalformedCountersError";
}

/**
 * Reads /proc/net/netstat or snmp, which have two lines for each protocol: `Tcp: names`, `Tcp: values`. Throws
 * MalformedCountersError.
 */
export function readProtocolCounters(text: string, add: (protocol: string, name: string, value: string) => void): void {
  const lines = linesOf(text);
  for (let i = 0; i < lines.length; i += 2) {
    const names = lines[i]!.split(" ");
    const values = (lines[i + 1] ?? "").split(" ");
    const protocol = names[0]!.slice(0, -1);
    if (names.length !== values.length)
      throw new MalformedCountersError(`netstat: ${protocol} has ${names.length} names for ${values.length} values`);
    for (let column = 1; column < names.length; column++) add(protocol, names[column]!, values[column]!);
  }
}
