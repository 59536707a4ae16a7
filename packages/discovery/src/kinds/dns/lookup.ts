import { Resolver } from "node:dns/promises";
import { quote } from "@narthex/model";
import { candidates, type ResolvConf } from "./resolv-conf.ts";
import { errorText } from "@narthex/runtime";

export type RecordType = "A" | "AAAA" | "SRV" | "MX" | "NS";

/** Host in a DNS record: an address, or a name without its final dot. SRV records have a port. */
export interface HostRecord {
  readonly host: string;
  readonly port?: number;
}

export interface LookupOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Error if no DNS server could answer whether the name has records. */
class LookupError extends Error {
  override readonly name = "LookupError";
}

/**
 * Looks up a DNS name with the search suffixes of resolv.conf, in order. Returns the records of the first name that
 * exists, or an empty list if none exists. Rejects with LookupError if none was found and all servers failed for one of
 * the names.
 */
export async function lookup(
  name: string,
  type: RecordType,
  conf: ResolvConf,
  options: LookupOptions,
): Promise<readonly HostRecord[]> {
  let failure: string | undefined;
  for (const candidate of candidates(name, conf)) {
    const answer = await askServers(candidate, type, conf.servers, options);
    if (answer === "no such name") continue;
    if (!("failure" in answer)) return answer;
    failure ??= answer.failure;
  }
  if (failure === undefined) return [];
  throw new LookupError(
    `could not resolve ${quote(name)}: all servers responded with errors to at least one search domain: ${failure}`,
  );
}

/**
 * Result of one lookup: the records (an empty list if the name exists without records of the type), "no such name", or
 * the failure of all servers.
 */
type Answer = readonly HostRecord[] | "no such name" | { readonly failure: string };

async function askServers(
  name: string,
  type: RecordType,
  servers: readonly string[],
  options: LookupOptions,
): Promise<Answer> {
  const failures: string[] = [];
  for (const server of servers) {
    try {
      return await query(server, name, type, options);
    } catch (error) {
      options.signal.throwIfAborted();
      const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
      if (code === "ENOTFOUND") return "no such name";
      if (code === "ENODATA") return [];
      failures.push(`${errorText(error)} (server ${server})`);
    }
  }
  return { failure: failures.length === 0 ? "resolv.conf names no server" : failures.join(", ") };
}

/**
 * Sends a query to one DNS server over UDP, and over TCP if the answer is truncated. Each query has its own resolver,
 * because c-ares shortens its timeout for a server that was fast before. A slow answer would then time out.
 */
async function query(
  server: string,
  name: string,
  type: RecordType,
  { timeoutMs, signal }: LookupOptions,
): Promise<readonly HostRecord[]> {
  signal.throwIfAborted();
  const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
  resolver.setServers([server]);
  const cancel = (): void => resolver.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    switch (type) {
      case "A":
        return (await resolver.resolve4(name)).map((host) => ({ host }));
      case "AAAA":
        return (await resolver.resolve6(name)).map((host) => ({ host: host.replace(/^::ffff:(?=\d+\.)/, "") }));
      case "SRV":
        return (await resolver.resolveSrv(name)).map((record) => ({ host: record.name, port: record.port }));
      case "MX":
        return (await resolver.resolveMx(name)).map((record) => ({ host: record.exchange }));
      case "NS":
        return (await resolver.resolveNs(name)).map((host) => ({ host }));
    }
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}
