import { type X509Certificate } from "node:crypto";
import { isIPv6, SocketAddress } from "node:net";

/** One entry of a subjectAltName as Node writes it; what could be mistaken for a separator comes as a JSON string. */
const ENTRY = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/y;

const KINDS = new Set(["DNS", "email", "IP Address", "URI"]);

/** The names of a certificate that Go knows: host names, mail addresses, IP addresses, URIs. Other kinds are left out. */
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

/** An IP address as Go writes it. */
function shortest(address: string): string {
  if (!isIPv6(address)) return address;
  const short = new SocketAddress({ address, family: "ipv6" }).address;
  return short.replace(/^::ffff:(?=\d+\.)/, "");
}
