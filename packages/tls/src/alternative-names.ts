import { type X509Certificate } from "node:crypto";
import { isIPv6, SocketAddress } from "node:net";

/**
 * Matches one alternative name of a certificate in the text form of Node. A name that contains a separator is a JSON
 * string.
 */
const ENTRY = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/y;

const KINDS = new Set(["DNS", "email", "IP Address", "URI"]);

/**
 * Returns the alternative names of a certificate that Go uses: host names, mail addresses, IP addresses, URIs. Other
 * kinds are omitted.
 */
export function alternativeNames({ subjectAltName }: Pick<X509Certificate, "subjectAltName">): readonly string[] {
  const source = subjectAltName ?? "";
  const names: string[] = [];
  ENTRY.lastIndex = 0;
  for (let entry = ENTRY.exec(source); entry !== null; entry = ENTRY.exec(source)) {
    const [, kind, written] = entry as unknown as [string, string, string];
    if (!KINDS.has(kind)) continue;
    const name = written.startsWith('"') ? (JSON.parse(written) as string) : written;
    names.push(kind === "IP Address" ? shortest(name) : name);
  }
  return names;
}

/** Returns an IP address as Go formats it. */
function shortest(address: string): string {
  if (!isIPv6(address)) return address;
  const short = new SocketAddress({ address, family: "ipv6" }).address;
  return short.replace(/^::ffff:(?=\d+\.)/, "");
}
