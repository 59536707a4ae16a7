import type { RemoteWriteConfig } from "@narthex/config";
import { azureTokens, bearerSigner, configuredSigner, googleTokens, type Signer } from "@narthex/http";
import type { Clock } from "@narthex/runtime";

interface Surrounding {
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Returns a function that signs requests for the cloud of the destination, or undefined if no cloud is configured. */
export function signerOf(
  { sigv4, azuread, googleIam }: RemoteWriteConfig,
  { clock, env }: Surrounding,
): Signer | undefined {
  if (sigv4 !== undefined) return configuredSigner(sigv4, { clock, env });
  if (azuread !== undefined) return bearerSigner(azureTokens(azuread, { env }));
  return googleIam === undefined ? undefined : bearerSigner(googleTokens(googleIam));
}
