import { Alert, Anchor } from "@mantine/core";
import { IconBellOff } from "@tabler/icons-react";
import { docsAddress } from "../shell/docs-address.ts";

/** Links to the instructions that end the state of `NobodyNotified`. */
export function ReceiverInstructions() {
  const link = (page: string, text: string) => (
    <Anchor inherit underline="always" href={docsAddress(page)} target="_blank">
      {text}
    </Anchor>
  );
  return (
    <>
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
