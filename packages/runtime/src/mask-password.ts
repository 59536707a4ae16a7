/** Matches schemes of addresses that contain a colon and an @, but no password. */
const ADDRESS = /^(?:mailto|sips?|xmpp|acct):/i;
const SCHEME = /^(?:[a-z][a-z0-9+.-]*:)?\/\//i;
const USER = /^[^/?#\\:@]*:/;
/** Matches the port of a URL without a user. The @ is then part of the path, the query or the fragment. */
const PORT = /^\d{1,5}[/?#\\]/;

/**
 * Replaces the password of a URL, with or without a scheme, by a mask. The password ends at the last @ of the text,
 * because passwords in invalid URLs must be hidden too.
 */
export function maskPassword(text: string, mask: string): string {
  const end = text.lastIndexOf("@");
  if (end === -1 || ADDRESS.test(text)) return text;
  const userAt = SCHEME.exec(text)?.[0].length ?? 0;
  const user = USER.exec(text.slice(userAt))?.[0];
  if (user === undefined) return text;
  const start = userAt + user.length;
  return start > end || PORT.test(text.slice(start)) ? text : text.slice(0, start) + mask + text.slice(end);
}
