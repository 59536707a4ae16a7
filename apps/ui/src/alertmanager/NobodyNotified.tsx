import { Alert, Anchor } from "@mantine/core";
import { IconBellOff } from "@tabler/icons-react";
import { docsAddress } from "../shell/docs-address.ts";
import { receiversAddress } from "../shell/stack-pages.ts";

/** Links to the page and to the instructions that end the state of `NobodyNotified`. */
export function ReceiverInstructions() {
  const page = receiversAddress();
  const link = (name: string, text: string) => (
    <Anchor inherit underline="always" href={docsAddress(name)} target="_blank">
      {text}
    </Anchor>
  );
  return (
    <>
      {page !== undefined && (
        <>
          <Anchor inherit underline="always" href={page}>
            Set up a receiver
          </Anchor>
          . Instructions:{" "}
        </>
      )}
      {link("alert-email", "Send alerts by e-mail")} or {link("alert-slack", "send alerts to Slack")}.
    </>
  );
}

/** A banner that alerts lead to no notification, with the reason and links to instructions. */
export function NobodyNotified({ reason }: { reason: string }) {
  return (
    <Alert color="ember" variant="light" mb="sm" icon={<IconBellOff size={18} />} title="Nobody is notified of alerts">
      {reason} <ReceiverInstructions />
    </Alert>
  );
}

/** Reason for the banner: the receivers have no integrations. */
export const NO_INTEGRATIONS = "The receivers of the Alertmanager have no integrations.";
