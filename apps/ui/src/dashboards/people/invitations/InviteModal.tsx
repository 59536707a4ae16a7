import { Checkbox, TextInput } from "@mantine/core";
import { IconLink } from "@tabler/icons-react";
import { useState } from "react";
import { useSignInOptions } from "../../sign-in/sign-in-api.ts";
import { FormModal } from "../frame/FormModal.tsx";
import { RoleSelect } from "../frame/RoleSelect.tsx";
import { CopyField } from "../../../shell/CopyField.tsx";
import { ShownOnceModal } from "../frame/ShownOnceModal.tsx";
import { useChange } from "../frame/use-change.ts";
import { type InvitationDraft, invitationsKey, invite } from "./invitations-api.ts";

const EMPTY: InvitationDraft = { email: "", name: "", role: "Viewer", isMailed: true };

/** Dialog that invites a person. If the server sends no mail, the dialog shows the invitation link once. */
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
  if (link !== undefined)
    return (
      <ShownOnceModal
        title={`Invitation for ${email.trim()}`}
        icon={IconLink}
        notice="Copy the link now, and give it to the invited person. The server cannot show it again."
        action="I have copied the link"
        onClose={onClose}
      >
        <CopyField label="Link" value={link} />
      </ShownOnceModal>
    );
  // The form waits until the page knows whether the server sends mails. Otherwise an invitation could be created
  // without its mail.
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
