interface AddressBelow {
  /** Path from the server's root, with the parameters. */
  readonly address: string;
  /** Path relative to `root`. */
  readonly path: string;
}

/**
 * Resolves a path that comes from an untrusted source. Returns undefined if the path leads to another server or outside
 * `root`.
 * @param root a path of this server without a trailing slash
 * @param wanted a path below it
 */
export function addressBelow(root: string, wanted: string): AddressBelow | undefined {
  if (!wanted.startsWith("/")) return undefined;
  const url = URL.parse(`${root}${wanted}`, location.origin);
  if (url === null || url.origin !== location.origin || !url.pathname.startsWith(`${root}/`)) return undefined;
  const path = url.pathname.slice(root.length);
  // Rejects a path with two leading slashes, because browsers would read it as the address of another server.
  return path.startsWith("//") ? undefined : { address: `${url.pathname}${url.search}`, path };
}

/**
 * Returns the path of an address relative to `root`, with its parameters. Undefined if the address is not below `root`.
 * @param address an address of this server, from the root of the host
 */
export const addressWithin = (root: string, address: string): string | undefined =>
  address.startsWith(`${root}/`) && addressBelow(root, address.slice(root.length)) !== undefined
    ? address.slice(root.length)
    : undefined;
