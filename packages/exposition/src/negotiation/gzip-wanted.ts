const TOKEN = /^[!#$%&'*+\-./0-9A-Z^_`a-z|~]+/;
const QUALITY = /^\s*;\s*q=([01])(?:\.(\d*))?/;

/**
 * Reports whether an answer to a scrape must be compressed with gzip. As in the handler of the Go client, the coding
 * with the highest weight in `Accept-Encoding` is used, and plain text if the weights are equal. Everything from the
 * first malformed `coding;q=…` on is ignored. Zstandard is not offered: the Go client has it only in programs that ask for
 * it, and the original exporters do not.
 */
export function isGzipWanted(header: string | undefined): boolean {
  // Fast path for the value that most scrapers send.
  if (header === undefined || header === "gzip") return header === "gzip";
  let plain = 0;
  let gzip = 0;
  for (let rest = header.trimStart(); ; rest = rest.slice(1).trimStart()) {
    const coding = TOKEN.exec(rest)?.[0];
    if (coding === undefined) break;
    rest = rest.slice(coding.length).trimStart();
    let quality = 1;
    if (rest.startsWith(";")) {
      const [matched, whole, digits = ""] = QUALITY.exec(rest) ?? [];
      if (matched === undefined) break;
      quality = Number(whole) + Number(`0.${digits}`);
      rest = rest.slice(matched.length).trimStart();
    }
    if (coding === "identity" || coding === "*") plain = Math.max(plain, quality);
    if (coding === "gzip" || coding === "*") gzip = Math.max(gzip, quality);
    if (!rest.startsWith(",")) break;
  }
  return gzip > plain;
}
