import { Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { PasskeyError } from "../../../sign-in/passkey-dialog.ts";
import { browserName } from "../../frame/browser-name.ts";
import { FormModal } from "../../frame/FormModal.tsx";
import { useChange } from "../../frame/use-change.ts";
import { ownSessionsQuery } from "../profile-api.ts";
import { addPasskey, passkeysQuery } from "./passkeys-api.ts";

/** Dialog that asks for the name of a new passkey. The browser then creates the passkey. */
export function AddPasskeyModal({ onClose }: { onClose: () => void }) {
  const session = useQuery(ownSessionsQuery).data?.find(({ isActive }) => isActive);
  const [typed, setTyped] = useState<string>();
  const name = typed ?? (session === undefined ? "" : browserName(session));
  const { mutate, error, isPending } = useChange(() => addPasskey(name.trim()), [passkeysQuery.queryKey], {
    done: "The passkey was added",
    after: onClose,
  });
  const isCancelled = error instanceof PasskeyError && error.isCancelled;
  return (
    <FormModal
      title="Add a passkey"
      action="Add the passkey"
      isReady={name.trim() !== ""}
      change={{ mutate, error: isCancelled ? null : error, isPending }}
      onClose={onClose}
    >
      <Text size="sm">
        Your browser asks you to create the passkey, and stores it on this device, on a security key or in your password
        manager.
      </Text>
      <TextInput
        label="Name"
        description="Helps you to recognize the passkey in the list"
        data-autofocus
        maxLength={100}
        value={name}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
      />
      {isCancelled && (
        <Text size="sm" c="dimmed" role="status">
          {error.message}
        </Text>
      )}
    </FormModal>
  );
}
