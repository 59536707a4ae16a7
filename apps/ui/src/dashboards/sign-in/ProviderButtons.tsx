import { Button } from "@mantine/core";
import { useEffect } from "react";
import { useSearchParams } from "react-router";
import { refusedSignIn } from "./refused-sign-in.ts";
import { useSignInOptions } from "./sign-in-api.ts";

interface ProviderButtonsProps {
  /** Function that opens an address outside of the UI in the browser. */
  readonly open?: (address: string) => void;
}

/**
 * Buttons that lead to the sign-in pages of OAuth providers. If the settings name a provider for automatic sign-in, the
 * page leads there at once.
 */
export function ProviderButtons({ open = replaceAddress }: ProviderButtonsProps) {
  const [query] = useSearchParams();
  const options = useSignInOptions();
  // The provider for automatic sign-in. Undefined after a refused sign-in, so that the user can read the reason.
  const automatic = refusedSignIn(query) === undefined ? options?.automatic : undefined;
  useEffect(() => {
    if (automatic !== undefined) open(automatic.address);
  }, [automatic, open]);
  return options?.providers.map(({ name, address }) => (
    <Button key={address} component="a" href={address} variant="default">
      Sign in with {name}
    </Button>
  ));
}

const replaceAddress = (address: string): void => location.replace(address);
