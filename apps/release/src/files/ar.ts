const MAGIC = "!<arch>\n";
const NAME_BYTES = 16;

/** An archive as Debian packages are: members in their order, of root, with one time. @param epoch seconds since 1970 */
export function ar(members: ReadonlyMap<string, Uint8Array>, epoch: number): Uint8Array {
  const parts: Uint8Array[] = [Buffer.from(MAGIC)];
  for (const [name, bytes] of members) {
    if (name.length > NAME_BYTES) throw new Error(`ar has no room for the name ${name}`);
    const columns = [
      name.padEnd(NAME_BYTES),
      String(epoch).padEnd(12),
      "0".padEnd(6),
      "0".padEnd(6),
      "100644".padEnd(8),
      String(bytes.length).padEnd(10),
      "`\n",
    ];
    parts.push(Buffer.from(columns.join("")), bytes);
    // Members begin at even places.
    if (bytes.length % 2 === 1) parts.push(Buffer.from("\n"));
  }
  return Buffer.concat(parts);
}
