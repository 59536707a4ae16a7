/** A title as a part of a URL, for readers: letters and digits with dashes between; the uid where none is left. */
export function slugOf(title: string, uid: string): string {
  const plain = title
    .slice(0, 1000)
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}/gu, "")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "");
  return plain === "" ? uid : encodeURIComponent(plain);
}
