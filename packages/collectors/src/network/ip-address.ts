/** First 12 bytes of an IPv6 address that contains an IPv4 address. Such an address is printed as IPv4, as in Go. */
const MAPPED_PREFIX = Buffer.from("00000000000000000000ffff", "hex");

/**
 * Returns the four bytes of an IPv4 address or of an IPv4 address mapped to IPv6; undefined for other IPv6 addresses.
 */
export function fourBytes(address: Uint8Array): Uint8Array | undefined {
  if (address.length === 4) return address;
  return address.length === 16 && MAPPED_PREFIX.equals(address.subarray(0, 12)) ? address.subarray(12) : undefined;
}

/**
 * Returns the text of an address of 4 or 16 bytes. IPv6 addresses are in the shortest form, without the longest run of
 * zeros.
 */
export function addressText(address: Uint8Array): string {
  const four = fourBytes(address);
  if (four !== undefined) return four.join(".");
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(address[i]! * 256 + address[i + 1]!);
  const { from, length } = longestZeros(groups);
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  return length < 2 ? hex(groups) : `${hex(groups.slice(0, from))}::${hex(groups.slice(from + length))}`;
}

function longestZeros(groups: readonly number[]): { from: number; length: number } {
  let longest = { from: 0, length: 0 };
  for (let from = 0; from < groups.length; from++) {
    let length = 0;
    while (groups[from + length] === 0) length++;
    if (length > longest.length) longest = { from, length };
    from += length;
  }
  return longest;
}

/** Parses the text of an address to its 4 or 16 bytes. */
export function addressBytes(text: string): Uint8Array {
  if (!text.includes(":")) return Uint8Array.from(text.split("."), Number);
  const [before = [], after] = text.split("::").map((part) => (part === "" ? [] : part.split(":")));
  const missing = after === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array<string>(missing).fill("0"), ...(after ?? [])];
  return Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex");
}

/** Returns the scope of an address: link-local (also for loopback), interface-local, global, or an empty string. */
export function addressScope(address: Uint8Array): string {
  const four = fourBytes(address);
  return four === undefined ? scopeOfSix(address) : scopeOfFour(four);
}

function scopeOfFour([a = 0, b = 0, c = 0, d = 0]: Uint8Array): string {
  if (a === 127 || (a === 169 && b === 254) || (a === 224 && b === 0 && c === 0)) return "link-local";
  const isNowhere = a + b + c + d === 0 || a + b + c + d === 4 * 255;
  return isNowhere || (a >= 224 && a <= 239) ? "" : "global";
}

function scopeOfSix(address: Uint8Array): string {
  const [a = 0, b = 0] = address;
  const isZeroBefore = address.subarray(0, 15).every((byte) => byte === 0);
  if (isZeroBefore && address[15] === 1) return "link-local";
  if (a === 0xff) {
    if (b % 16 === 2) return "link-local";
    return b % 16 === 1 ? "interface-local" : "";
  }
  if (a === 0xfe && b >= 0x80 && b <= 0xbf) return "link-local";
  return isZeroBefore && address[15] === 0 ? "" : "global";
}
