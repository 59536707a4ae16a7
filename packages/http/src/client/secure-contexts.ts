import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";

type Terms = Pick<SecureContextOptions, "ca" | "cert" | "key" | "minVersion" | "maxVersion">;

/** Contexts of clients without certificates of their own, by TLS versions. */
const shared = new Map<string, SecureContext>();

/**
 * Returns a function that makes the TLS context of a client. A context takes half a millisecond and more to make, and a
 * configuration has hundreds of clients: those without certificates of their own share one, which is made when the first of
 * them connects by TLS. Throws if own certificates cannot be used.
 */
export function secureContextFor({ ca, cert, key, minVersion, maxVersion }: Terms): () => SecureContext {
  const given = Object.entries({ ca, cert, key, minVersion, maxVersion }).filter(([, value]) => value !== undefined);
  const make = (): SecureContext => createSecureContext(Object.fromEntries(given) as SecureContextOptions);
  if ((ca ?? cert ?? key) !== undefined) {
    const own = make();
    return () => own;
  }
  const versions = `${minVersion ?? ""} ${maxVersion ?? ""}`;
  return () => {
    let context = shared.get(versions);
    if (context === undefined) shared.set(versions, (context = make()));
    return context;
  };
}
