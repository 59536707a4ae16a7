import { Anchor, SegmentedControl, Stack, Switch, TextInput } from "@mantine/core";
import type { ReceiverKind, StoredReceiver } from "../../api/receiver-setup.ts";
import { docsAddress } from "../../shell/docs-address.ts";
import type { ReceiverDraft } from "./receiver-draft.ts";
import { KIND_FIELDS } from "./receiver-kinds.ts";

const kinds = Object.entries(KIND_FIELDS).map(([value, { label }]) => ({ value, label }));

/** The fields of a receiver. */
export function ReceiverFields({
  draft,
  stored,
  inherited,
  asksSecret,
  onChange,
}: {
  draft: ReceiverDraft;
  stored: StoredReceiver | undefined;
  /** Values that empty fields get, by key. */
  inherited: Readonly<Record<string, string>>;
  /** False if the user puts the secret into a file. */
  asksSecret: boolean;
  onChange: (change: Partial<ReceiverDraft>) => void;
}) {
  const { kind, texts } = draft;
  const { fields, secret, hasEncryption, docs } = KIND_FIELDS[kind];
  const hasSecret = stored?.form?.kind === kind && stored.form.hasSecret;
  return (
    <Stack gap="sm">
      <TextInput
        label="Name"
        placeholder="on-call"
        required
        data-autofocus
        disabled={stored !== undefined}
        value={draft.name}
        onChange={({ currentTarget }) => onChange({ name: currentTarget.value })}
      />
      <SegmentedControl
        aria-label="Kind"
        data={kinds}
        value={kind}
        onChange={(value) => onChange({ kind: value as ReceiverKind, secret: "" })}
      />
      {fields.map(({ key, label, placeholder, isRequired, description }) => {
        const own = inherited[key] ?? "";
        return (
          <TextInput
            key={key}
            label={label}
            placeholder={own || placeholder}
            required={isRequired && own === ""}
            description={
              own === "" ? (
                description
              ) : (
                <>
                  If empty, the value in <code>global</code> is used.
                </>
              )
            }
            value={texts[key] ?? ""}
            onChange={({ currentTarget: { value } }) => onChange({ texts: { ...texts, [key]: value } })}
          />
        );
      })}
      {asksSecret && (
        <TextInput
          type="password"
          label={secret.label}
          required={secret.isRequired && !hasSecret}
          description={secret.description}
          placeholder={hasSecret ? "Unchanged" : ""}
          autoComplete="off"
          value={draft.secret}
          onChange={({ currentTarget }) => onChange({ secret: currentTarget.value })}
        />
      )}
      {hasEncryption && (
        <Switch
          label="Send only over an encrypted connection"
          checked={draft.requireTls}
          onChange={({ currentTarget }) => onChange({ requireTls: currentTarget.checked })}
        />
      )}
      <Switch
        label="Also notify when an alert ends"
        checked={draft.sendResolved}
        onChange={({ currentTarget }) => onChange({ sendResolved: currentTarget.checked })}
      />
      <Switch
        label="Default receiver: for all alerts without another route"
        checked={draft.isDefault}
        disabled={stored?.isDefault === true}
        onChange={({ currentTarget }) => onChange({ isDefault: currentTarget.checked })}
      />
      <Anchor size="sm" href={docsAddress(docs)} target="_blank">
        Help for these settings
      </Anchor>
    </Stack>
  );
}
