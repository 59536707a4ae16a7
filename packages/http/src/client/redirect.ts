/** May credentials go along with a redirect? To the same host, by whatever scheme and port, and to hosts below it. */
export function keepsSecrets(from: string, to: string): boolean {
  const [first, next] = [new URL(from).hostname, new URL(to).hostname];
  if (next === first) return true;
  const isAddress = /[:[\]]|^[\d.]+$/.test(first);
  return !isAddress && next.endsWith(`.${first}`);
}

/** The line that says where a redirect came from: never of a secret place to a plain one, and without user and password. */
export function referer(from: string, to: string): string {
  if (from.startsWith("https:") && to.startsWith("http:")) return "";
  return `Referer: ${from.replace(/^(https?:\/\/)[^/?#]*@/, "$1")}\r\n`;
}
