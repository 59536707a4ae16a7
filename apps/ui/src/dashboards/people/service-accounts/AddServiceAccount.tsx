import { TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { FormModal } from "../frame/FormModal.tsx";
import { OpenButton } from "../frame/OpenButton.tsx";
import { RoleSelect } from "../frame/RoleSelect.tsx";
import { useChange } from "../frame/use-change.ts";
import { type AccountDraft, accountsKey, addAccount } from "./service-accounts-api.ts";

/** The button that opens the form for a new service account. */
export const AddServiceAccount = () => (
  <OpenButton label="New service account" icon={IconPlus}>
    {(close) => <AddModal onClose={close} />}
  </OpenButton>
);

function AddModal({ onClose }: { onClose: () => void }) {
  const [{ name, role }, setDraft] = useState<AccountDraft>({ name: "", role: "Viewer" });
  const navigate = useNavigate();
  const change = useChange(async () => {
    const { id } = await addAccount({ name: name.trim(), role });
    await navigate(`/org/serviceaccounts/${id}`);
  }, [accountsKey]);
  return (
    <FormModal
      title="New service account"
      action="Add service account"
      isReady={name.trim() !== ""}
      change={change}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        description="What signs in with it, for example a script"
        data-autofocus
        value={name}
        onChange={({ currentTarget }) => setDraft({ name: currentTarget.value, role })}
      />
      <RoleSelect label="Role" value={role} onChange={(next) => setDraft({ name, role: next })} />
    </FormModal>
  );
}
