import { AnswerError } from "../../answers/answer-error.ts";
import { ipText, isIpv4 } from "../../answers/ip-text.ts";

/** The addresses of a server; "" if it has none of the family. */
export interface ServerAddresses {
  readonly ipv4: string;
  readonly ipv6: string;
  /** Address that is scraped. */
  readonly first: string;
}

/**
 * Chooses the addresses of a server from the list that OVHcloud returns: single addresses, and networks with their
 * length. Uses the last single address of each family. Throws if an item is no address, or if no address is usable.
 */
export function serverAddresses(list: readonly string[]): ServerAddresses {
  let [ipv4, ipv6] = ["", ""];
  for (const item of list) {
    const [address = "", length = "32"] = item.split("/", 2);
    const ip = ipText(address);
    if (ip === undefined || !/^\d{1,3}$/.test(length)) throw unusable();
    if (length !== "32" || ip === "0.0.0.0" || ip === "::") continue;
    if (isIpv4(ip)) ipv4 = ip;
    else ipv6 = ip;
  }
  const first = ipv4 || ipv6;
  if (first === "") throw unusable();
  return { ipv4, ipv6, first };
}

const unusable = (): AnswerError => new AnswerError("could not parse IP addresses from list");
