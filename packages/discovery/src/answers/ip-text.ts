import { isIP } from "node:net";

/**
 * Returns an IP address as Go prints it, with an IPv6 address in its shortest form. Returns undefined if the text is no
 * IP address.
 */
export function ipText(text: string): string | undefined {
  const family = isIP(text);
  if (family === 0 || text.includes("%")) return undefined;
  if (family === 4) return text;
  const short = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short);
  if (mapped === null) return short;
  // Prints an IPv4 address that is written as an IPv6 address.
  const bits = (parseInt(mapped[1]!, 16) * 2 ** 16 + parseInt(mapped[2]!, 16)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".");
}

/** Returns whether a text is an IPv4 address. */
export const isIpv4 = (text: string): boolean => isIP(text) === 4;

/** Returns an IP address as Go prints it: `<nil>` if the text is no IP address. */
export const goIpText = (text: string): string => ipText(text) ?? "<nil>";

/** Returns the network of a text such as `2001:db8::1/64` as Go prints it: `2001:db8::/64`. */
export function networkText(text: string): string | undefined {
  const [address = "", length = ""] = text.split("/", 2);
  const ip = ipText(address);
  if (ip === undefined || !/^\d{1,3}$/.test(length)) return undefined;
  const bits = Number(length);
  const width = isIP(ip) === 4 ? 32 : 128;
  if (bits > width) return undefined;
  const zeroed = (numberOf(ip) >> BigInt(width - bits)) << BigInt(width - bits);
  return `${textOf(zeroed, width)}/${bits}`;
}

/** Returns the bits of an address in the form that ipText() returns. */
function numberOf(ip: string): bigint {
  if (isIP(ip) === 4) return ip.split(".").reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  const [head = "", tail] = ip.split("::");
  const groups = (side: string): readonly string[] => (side === "" ? [] : side.split(":"));
  const [first, last] = [groups(head), groups(tail ?? "")];
  const all = tail === undefined ? first : [...first, ...Array(8 - first.length - last.length).fill("0"), ...last];
  return all.reduce((sum: bigint, group: string) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

function textOf(bits: bigint, width: number): string {
  if (width === 32) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join(".");
  const groups = Array.from({ length: 8 }, (_, i) => ((bits >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  return ipText(groups.join(":"))!;
}
