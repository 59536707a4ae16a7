import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { FormModal } from "../frame/FormModal.tsx";
import { OpenButton } from "../frame/OpenButton.tsx";
import { useChange } from "../frame/use-change.ts";
import { TeamFields, trimmed } from "./TeamFields.tsx";
import { addTeam, teamsKey } from "./teams-api.ts";

/** The button that opens the form for a new team. */
export const AddTeam = () => (
  <OpenButton label="New team" icon={IconPlus}>
    {(close) => <AddTeamModal onClose={close} />}
  </OpenButton>
);

function AddTeamModal({ onClose }: { onClose: () => void }) {
  const [draft, setDraft] = useState({ name: "", email: "" });
  const navigate = useNavigate();
  const change = useChange(async () => {
    const { uid } = await addTeam(trimmed(draft));
    await navigate(`/org/teams/edit/${encodeURIComponent(uid)}`);
  }, [teamsKey]);
  return (
    <FormModal title="New team" action="Add team" isReady={draft.name.trim() !== ""} change={change} onClose={onClose}>
      <TeamFields value={draft} onChange={setDraft} />
    </FormModal>
  );
}
