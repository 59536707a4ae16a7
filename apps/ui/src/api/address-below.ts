/** An address of this server. */
interface AddressBelow {
  /** From the server's root on, with its parameters. */
  readonly address: string;
  /** Its path from the one on below which it lies. */
  readonly path: string;
}

/**
 * Where a path leads that somebody else may have written; undefined where that is another server, or not below `root`.
 *
 * @param root a path of this server without a slash at its end
 * @param wanted a path below it
 */
export function addressBelow(root: string, wanted: string): AddressBelow | undefined {
  if (!wanted.startsWith("/")) return undefined;
  const url = URL.parse(`${root}${wanted}`, location.origin);
  if (url === null || url.origin !== location.origin || !url.pathname.startsWith(`${root}/`)) return undefined;
  const path = url.pathname.slice(root.length);
  // Two slashes at its begin would name a server.
  return path.startsWith("//") ? undefined : { address: `${url.pathname}${url.search}`, path };
}
