const MAGIC = "!<arch>\n";
const NAME_BYTES = 16;

/**
 * Returns an ar archive as in Debian packages: members in their order, owned by root, all with the same time.
 * @param epoch seconds since 1970
 */
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
    // Pads the member, because each member begins at an even offset.
    if (bytes.length % 2 === 1) parts.push(Buffer.from("\n"));
  }
  return Buffer.concat(parts);
}
