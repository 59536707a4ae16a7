import { Button } from "@mantine/core";
import { useEffect } from "react";
import { useSearchParams } from "react-router";
import { refusedSignIn } from "./refused-sign-in.ts";
import { useSignInOptions } from "./sign-in-api.ts";

interface ProviderButtonsProps {
  /** Opens an address outside of the pages. */
  readonly open?: (address: string) => void;
}

/** The buttons that lead to the sign-in pages of providers. Leads to a provider at once if the settings say so. */
export function ProviderButtons({ open = replaceAddress }: ProviderButtonsProps) {
  const [query] = useSearchParams();
  const options = useSignInOptions();
  // After a refusal, the page stays so that the reason can be read.
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
