import { X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import type { TlsConfig } from "@narthex/config";
import { clientTlsOptions } from "@narthex/http";
import { errorText } from "@narthex/runtime";

/**
 * Returns the reason why TLS settings cannot be used: a missing file, an invalid certificate, or a key that does not
 * match.
 */
export async function tlsProblem(tls: TlsConfig): Promise<string | undefined> {
  try {
    const { ca, cert, key } = await clientTlsOptions(tls);
    if (ca !== undefined) checkAuthority(ca as string);
    if (cert === undefined) return undefined;
    createSecureContext({ cert, key });
    return undefined;
  } catch (error) {
    const reason = errorText(error);
    return `tls_config cannot be used: ${reason}`;
  }
}

function checkAuthority(pem: string): void {
  try {
    void new X509Certificate(pem);
  } catch (cause) {
    throw new Error("the CA is not a certificate in PEM", { cause });
  }
}
