import { Alert, Button, Checkbox, Group, Modal, Stack, TextInput } from "@mantine/core";
import { IconLink } from "@tabler/icons-react";
import { useState } from "react";
import { CopyField } from "../../share/CopyField.tsx";
import { useSignInOptions } from "../../sign-in/sign-in-api.ts";
import { FormModal } from "../frame/FormModal.tsx";
import { RoleSelect } from "../frame/RoleSelect.tsx";
import { useChange } from "../frame/use-change.ts";
import { type InvitationDraft, invitationsKey, invite } from "./invitations-api.ts";

const EMPTY: InvitationDraft = { email: "", name: "", role: "Viewer", isMailed: true };

/** Asks whom to invite. If no mail is sent, shows the link once. */
export function InviteModal({ onClose }: { onClose: () => void }) {
  const sendsMails = useSignInOptions()?.sendsMails;
  const [{ email, name, role, isMailed }, setDraft] = useState(EMPTY);
  const [link, setLink] = useState<string>();
  const set = (part: Partial<InvitationDraft>): void => setDraft((before) => ({ ...before, ...part }));
  const change = useChange(async () => {
    const url = await invite({
      email: email.trim(),
      name: name.trim(),
      role,
      isMailed: sendsMails === true && isMailed,
    });
    if (url === undefined) onClose();
    else setLink(url);
  }, [invitationsKey]);
  if (link !== undefined) return <LinkModal email={email.trim()} link={link} onClose={onClose} />;
  // Until the page knows whether the server sends mails, an invitation could be made without its mail.
  const isReady = email.trim() !== "" && sendsMails !== undefined;
  return (
    <FormModal title="Invite a user" action="Invite" isReady={isReady} change={change} onClose={onClose}>
      <TextInput
        label="Email"
        type="email"
        autoComplete="off"
        data-autofocus
        value={email}
        onChange={({ currentTarget }) => set({ email: currentTarget.value })}
      />
      <TextInput
        label="Name"
        autoComplete="off"
        value={name}
        onChange={({ currentTarget }) => set({ name: currentTarget.value })}
      />
      <RoleSelect label="Role" value={role} onChange={(next) => set({ role: next })} />
      <Checkbox
        label="Send the invitation by mail"
        description={sendsMails === false ? "The server sends no mails: [smtp] is not configured." : undefined}
        disabled={sendsMails !== true}
        checked={sendsMails !== false && isMailed}
        onChange={({ currentTarget }) => set({ isMailed: currentTarget.checked })}
      />
    </FormModal>
  );
}

/** Shows the link of an invitation. The dialog closes only with its button, because the link cannot be shown again. */
function LinkModal({ email, link, onClose }: { email: string; link: string; onClose: () => void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Invitation for ${email}`}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      <Stack gap="sm">
        <Alert variant="light" color="yellow" py="xs" icon={<IconLink size={18} />}>
          Copy the link now, and give it to the invited person. The server cannot show it again.
        </Alert>
        <CopyField label="Link" value={link} />
        <Group justify="flex-end">
          <Button onClick={onClose}>I have copied the link</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
