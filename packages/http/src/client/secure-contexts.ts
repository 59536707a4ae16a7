import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";

type Terms = Pick<SecureContextOptions, "ca" | "cert" | "key" | "minVersion" | "maxVersion">;

/** TLS contexts that clients without their own certificates share, by TLS versions. */
const shared = new Map<string, SecureContext>();

/**
 * Returns a function for the TLS context of a client. Creating a context takes half a millisecond or more, and a
 * configuration may have hundreds of clients. Clients without their own certificates share a context, which is created
 * at their first TLS connection. Throws if a client's own certificates cannot be used.
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
