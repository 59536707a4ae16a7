import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Clock } from "@narthex/runtime";
import { formatHostPort, splitHostPort } from "./transport.ts";

/** Resolves a host name to addresses. Rejects if the name has no address. */
export type LookUp = (host: string) => Promise<readonly string[]>;

/** Resolves names with the resolver of the operating system. */
export const systemLookUp: LookUp = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

export interface PeerLookup {
  /** Addresses as `host:port`. */
  readonly addresses: readonly string[];
  /** True if the names of all peers were resolved. */
  readonly complete: boolean;
}

/** Checks that each peer has the form `host:port`. Throws an Error with Alertmanager's message. */
export function checkPeers(peers: readonly string[]): void {
  for (const peer of peers) {
    try {
      splitHostPort(peer);
    } catch (error) {
      throw new Error(`resolve peers: split host/port for peer ${peer}: ${(error as Error).message}`, { cause: error });
    }
  }
}

/** Replaces each peer's name by all its addresses. A name that cannot be resolved stays unchanged. */
export async function lookUpPeers(
  peers: readonly string[],
  options: { readonly lookUp: LookUp; readonly clock: Clock; readonly timeoutMs: number },
): Promise<PeerLookup> {
  const { lookUp, clock, timeoutMs } = options;
  let complete = true;
  const found = await Promise.all(
    peers.map(async (peer) => {
      const [host, port] = splitHostPort(peer);
      if (isIP(host) !== 0) return [peer];
      const late = new AbortController();
      try {
        const timeout = clock.sleep(timeoutMs, late.signal).then(() => []);
        const addresses = await Promise.race([lookUp(host), timeout]);
        if (addresses.length > 0) return addresses.map((address) => formatHostPort(address, port));
      } catch {
        // Ignores a failed lookup, because the later attempt to connect to the name reports an error.
      } finally {
        late.abort(new Error("found"));
      }
      complete = false;
      return [peer];
    }),
  );
  return { addresses: [...new Set(found.flat())], complete };
}
