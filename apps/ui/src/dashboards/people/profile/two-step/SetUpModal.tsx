import { Anchor, Box, Text } from "@mantine/core";
import { useState } from "react";
import { whenLoaded } from "../../../../shell/when-loaded.tsx";
import { CopyField } from "../../../../shell/CopyField.tsx";
import { FormModal } from "../../frame/FormModal.tsx";
import { useChange } from "../../frame/use-change.ts";
import { ownSessionsQuery } from "../profile-api.ts";
import { CodeInput } from "./CodeInput.tsx";
import { confirmTwoStep, type TwoStepSecret, twoStepQuery } from "./two-step-api.ts";

const QrCode = whenLoaded(() => import("./QrCode.tsx"), <Box h={240} />);

/** Dialog that shows a new secret for the authenticator app, and asks for a code that confirms it. */
export function SetUpModal({
  secret: { secret, url },
  onCodes,
  onClose,
}: {
  secret: TwoStepSecret;
  /** Called with the recovery codes after two-step codes were turned on. */
  onCodes: (recoveryCodes: readonly string[]) => void;
  onClose: () => void;
}) {
  const [code, setCode] = useState("");
  const change = useChange(
    async () => onCodes(await confirmTwoStep(code.trim())),
    [twoStepQuery.queryKey, ownSessionsQuery.queryKey],
  );
  return (
    <FormModal
      title="Turn on two-step codes"
      action="Turn on"
      isReady={code.trim() !== ""}
      change={change}
      onClose={onClose}
    >
      <Text size="sm">
        Scan the QR code with an authenticator app. On this device, you can{" "}
        <Anchor href={url} inherit underline="always">
          open the app
        </Anchor>{" "}
        or copy the secret.
      </Text>
      <QrCode text={url} label="QR code for the authenticator app" />
      <CopyField label="Secret" value={secret} minRows={1} />
      <CodeInput label="Code from the app" isFirst value={code} onChange={setCode} />
      <Text size="sm" c="dimmed">
        Your other sessions end. Programs can no longer sign in with your password: give them a token of a service
        account.
      </Text>
    </FormModal>
  );
}
