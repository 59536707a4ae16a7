import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";

type Terms = Pick<SecureContextOptions, "ca" | "cert" | "key" | "minVersion" | "maxVersion">;

/** TLS contexts by TLS versions, shared by clients without their own certificates. */
const shared = new Map<string, SecureContext>();

/**
 * Returns a function that returns the TLS context of a client. Clients without their own certificates share a context,
 * because creating one takes half a millisecond or more. Throws if a client's certificates cannot be used.
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
