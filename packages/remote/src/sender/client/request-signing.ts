import type { RemoteWriteConfig } from "@narthex/config";
import { configuredSigner, type Signer } from "@narthex/http";
import type { Clock } from "@narthex/runtime";

interface Surrounding {
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Signs the requests of a destination in a cloud's way; undefined where it has none. */
export function signerOf({ sigv4 }: RemoteWriteConfig, { clock, env }: Surrounding): Signer | undefined {
  return sigv4 === undefined ? undefined : configuredSigner(sigv4, { clock, env });
}
