import { NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useState } from "react";
import { FormModal } from "../frame/FormModal.tsx";
import { CopyField } from "../../../shell/CopyField.tsx";
import { ShownOnceModal } from "../frame/ShownOnceModal.tsx";
import { useChange } from "../frame/use-change.ts";
import { isComplete, limitsOf, NO_LIMITS, TokenLimits } from "./TokenLimits.tsx";
import { type AccountDetails, accountsKey, addToken } from "./service-accounts-api.ts";

const DAY_SECONDS = 86_400;
/** Maximum lifetime of a token that the server accepts, in days. */
const MAX_DAYS = 36_500;
const OTHER = "other";

/** Lifetimes of a token that the form offers, in days. A token with 0 does not expire. */
const LIFETIMES = [
  { value: "1", label: "After 1 day" },
  { value: "7", label: "After 7 days" },
  { value: "30", label: "After 30 days" },
  { value: "90", label: "After 90 days" },
  { value: "365", label: "After 1 year" },
  { value: OTHER, label: "After another time" },
  { value: "0", label: "Never" },
];

/** Dialog that asks for the name and the lifetime of a new token, and then shows the token's key once. */
export function AddTokenModal({ account: { id }, onClose }: { account: AccountDetails; onClose: () => void }) {
  const [name, setName] = useState("");
  const [lifetime, setLifetime] = useState("90");
  const [days, setDays] = useState<number | string>(14);
  const [key, setKey] = useState<string>();
  const [limits, setLimits] = useState(NO_LIMITS);
  const chosen = lifetime === OTHER ? Number(days) : Number(lifetime);
  const change = useChange(
    async () =>
      setKey((await addToken(id, { name: name.trim(), secondsToLive: chosen * DAY_SECONDS, ...limitsOf(limits) })).key),
    [accountsKey],
  );
  if (key !== undefined)
    return (
      <ShownOnceModal
        title={`Token ${name.trim()}`}
        icon={IconKey}
        notice="Copy the key now. The server stores only a digest of it and cannot show it again."
        action="I have copied the key"
        onClose={onClose}
      >
        <CopyField label="Key" value={key} />
      </ShownOnceModal>
    );
  const isReady =
    name.trim() !== "" && isComplete(limits) && (lifetime !== OTHER || (chosen >= 1 && chosen <= MAX_DAYS));
  return (
    <FormModal title="New token" action="Create token" isReady={isReady} change={change} onClose={onClose}>
      <TextInput
        label="Name"
        data-autofocus
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <NativeSelect
        label="Expires"
        data={LIFETIMES}
        value={lifetime}
        onChange={({ currentTarget }) => setLifetime(currentTarget.value)}
      />
      {lifetime === OTHER && (
        <NumberInput label="Days" min={1} max={MAX_DAYS} allowDecimal={false} value={days} onChange={setDays} />
      )}
      <TokenLimits value={limits} onChange={setLimits} />
    </FormModal>
  );
}
